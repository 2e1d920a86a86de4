"""What others read, each replaced whole.

publisher     one build for all features, however many ask
database      prod_evals.duckdb, for analysts: copied from the one before, but for what changed
holdings      which files of the lake it holds, and the rows of each
views         its views on the lake, for the days that are not inside
redacted      copies of the lake's files without what identifies a person
ramp_gate     ramp_gate/FEATURE.json, for whatever moves the ramp, and gate_log
page          pages/FEATURE.html, for the owner of the rollout: data, charts and template apart
code_version  which code made it
"""
