"""prod-evals: one day of production logs becomes a sample, verdicts, a comparison with the cold eval, and a decision.

definitions  what Dagster loads: the whole night in one screen
nights       when it runs: jobs, schedules, and the sensor after a backfill
running      running it from the command line, through the same jobs
assets       one module per stage, named after its table; thin
feature      the feature file's schema, and the errors that say how to mend it
lake         where a table's files live, and how they get there whole
sources      a day's raw files, read and accounted for
judging      criterion, ruler, judge, ledger
statistics   pure functions on arrays
gate         evidence, policy, explanation
publishing   the DuckDB file, the gate's JSON, the page
demo         five weeks at Acme, made from a seed
cli          the command line
clock        the one clock
errors       the one base of errors that a user can mend
"""
