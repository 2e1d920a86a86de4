"""prod-evals: one day of production logs becomes a sample, verdicts, a comparison with the cold eval, and a decision.

What runs
definitions    what Dagster loads: the whole night in one screen
orchestration  when it runs: jobs, schedules, sensors; and runs that the command line begins itself
assets         one module per stage, named after its table; thin
cli            the command line

What a stage computes, in the order of a night
logs           a day's raw files, read and accounted for; and the cold eval's items
sampling       which logs of a day are judged
judging        criterion, ruler, judge, ledger; its providers are who answers
redaction      what is taken out of text before it leaves the machine
comparison     what a night says, which nights are pooled, and the cold eval that they are compared with
gate           evidence, policy, explanation
ramp           the record of stages; its flags are who keeps the flag
publishing     the DuckDB file, the gate's JSON, the page
people         what people said of judged items, beside the judge
planning       how long a decision takes, and how often it would be wrong
statistics     pure functions on arrays
demo           five weeks at Acme, made from a seed

What all of them stand on
catalogue      tables, signals, reasons and formats, each said once
feature        the feature file's schema, and the errors that say how to mend it
lake           where a table's files live, how they get there whole, and what leads them from version to version
data_directory its private folders, files that appear in it whole, and locks between processes
duckdb_rows    rows on their way out of DuckDB and into it
sql_quoting    texts and names in a statement that takes no parameter
clock          the one clock
checkout       where the checkout is
errors         the one base of errors that a user can mend

One name in several places is one subject, from the top down: assets/mix_shift.py writes the table and shows it,
comparison/mix_shift.py makes its rows, statistics/mix_shift.py has the formula, and sql/tables/mix_shift.sql says what
its columns mean. gate/history.py and comparison/divergence_history.py say which days of their table are made again.
"""
