"""When a feature's assets run, and how: jobs, schedules, sensors, and runs that the command line begins itself.

jobs               FEATURE_night, FEATURE_day and so on: which assets each kind of run makes; and `publishing`
schedules          FEATURE_nightly at `night.at`, FEATURE_deciding at `night.decide_by`
command_line_runs  nights that `prod-evals run` executes in its own process, in the same Dagster instance

Sensors, one of each for all features, called as their module where nothing else is said
late_logs          begins a night whose logs came after `night.at`
collecting         has the verdicts of batches that have ended collected
after_days         runs failed days of a backfill again, and makes the history once when all days have ended
publish_requests   `publishing`: publishes what a run that was killed had asked for
abandoned          `abandoned_runs`: ends runs of the command line whose process was killed
feature_files      reports feature files and whether they are valid; with their assets and checks

runs               which feature's tables a run makes, and whether it is still at it; what the sensors ask
"""
