"""Production beside the cold eval: what one night says, which nights may be pooled, and what they say together.

Of one day
yardsticks          what a day's signals are compared with
cells               what is compared: one criterion of one slice; and its estimate on one night
summaries           a night's estimates as rows of night_summary, and back
summarising         a day of the lake summed up

Of all days
days_due            the days that a feature has to be decided on
nights              what is known of each day as a whole
divergence          nights and epochs against the cold eval
divergence_history  which days of divergence are made again, and of what
mix_shift           how much of a difference is the mix of categories
trends              whether the cold eval rises while production falls
judge_drift         the judge's anchors, date by date
cold_evals          the record of which cold eval each day is compared with

What has changed
resuming            from which day on a history table has to be made again
changed_days        which days a table of facts has to read again
"""
