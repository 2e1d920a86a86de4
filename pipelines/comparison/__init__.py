"""Production beside the cold eval: what one night says, which nights may be pooled, and what they say together.

cells        what is compared: one criterion of one slice; and its estimate on one night
summaries    a night's estimates as rows of night_summary, and back
divergence   nights and epochs against the cold eval
mix_shift    how much of a difference is the mix of categories
cold_evals   the record of which cold eval each day is compared with
resuming     which days a history table has to be made again from
"""
