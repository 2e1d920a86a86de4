"""prod-evals: one day of production logs becomes a sample, verdicts, a comparison with the cold eval, and a decision.

definitions  what Dagster loads: the whole night in one screen
nights       when it runs: jobs, schedules, and the sensor after a backfill
running      running it from the command line, through the same jobs
assets       one module per stage, named after its table; thin
catalogue    tables, signals and reasons, each said once
feature      the feature file's schema, and the errors that say how to mend it
logs         a day's raw files, read and accounted for
judging      criterion, ruler, judge, ledger
redaction    what is taken out of text before it leaves the machine
people       what people said of judged items, beside the judge
comparison   what a night says, which nights are pooled, and the cold eval beside them
statistics   pure functions on arrays
gate         evidence, policy, explanation
planning     how long a decision takes, and how often it would be wrong
ramp         the record of stages
publishing   the DuckDB file, the gate's JSON, the page
demo         five weeks at Acme, made from a seed
cli          the command line

lake         where a table's files live, how they get there whole, and what leads them from version to version

duckdb_rows  the one row that a query has
clock        the one clock
checkout     where the checkout is
errors       the one base of errors that a user can mend
"""
