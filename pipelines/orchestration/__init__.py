"""When a feature's assets run, and how: jobs, schedules, sensors, and runs that the command line begins itself.

jobs               which assets a run makes, a job for each kind of run
schedules          nights at `night.at`, and decisions at `night.decide_by`
command_line_runs  nights that `prod-evals run` executes in its own process, in the same Dagster instance

Sensors, one of each for all features
late_logs          begins a night whose logs came after `night.at`
collecting         has the verdicts of batches that have ended collected
after_days         runs failed days of a backfill again, and makes the history once when all days have ended
publish_requests   publishes what a run that was killed had asked for
abandoned          ends runs of the command line whose process was killed
feature_files      reports feature files and whether they are valid; also their assets and checks

runs               which feature's tables a run makes, and whether it is still at it; what the sensors ask
"""
