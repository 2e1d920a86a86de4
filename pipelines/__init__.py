"""prod-evals: one day of production logs becomes a sample, verdicts, a comparison with the cold eval, and a decision.

definitions  what Dagster loads: the whole night in one screen
nights       when it runs: jobs, schedules, and the sensor after a backfill
running      running it from the command line, through the same jobs
assets       one module per stage, named after its table; thin
catalogue    tables, signals and reasons, each said once
feature      the feature file's schema, and the errors that say how to mend it
sources      a day's raw files, read and accounted for
judging      criterion, ruler, judge, ledger
comparison   what a night says, which nights are pooled, and the cold eval beside them
statistics   pure functions on arrays
gate         evidence, policy, explanation
ramp         the record of stages
publishing   the DuckDB file, the gate's JSON, the page
demo         five weeks at Acme, made from a seed
cli          the command line

lake            where a table's files live, and how they get there whole
entries         records that are only appended to, one numbered file an entry
schema_version  the version of everything that is kept
upgrades        what leads a lake from one version to the next
misfits         the sentence about a value in a file that is not of its column's type
duckdb_rows     the one row that a query has
clock           the one clock
checkout        where the checkout is
errors          the one base of errors that a user can mend
"""
