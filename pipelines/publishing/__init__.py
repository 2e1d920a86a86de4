"""What others read, each replaced whole.

database      prod_evals.duckdb, for analysts
redacted      copies of the lake's files without what identifies a person
ramp_gate     ramp_gate/FEATURE.json, for whatever moves the ramp, and gate_log
page          pages/FEATURE.html, for the owner of the rollout: data, charts and template apart
code_version  which code made it
"""
