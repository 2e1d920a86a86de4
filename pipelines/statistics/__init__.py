"""Pure functions on arrays: no files, no database, nothing of ours. One idea a file.

allocation      how a sample is shared out over strata
domain_means    means of slices and criteria of a stratified sample, with their variance
variance_floor  scores that are all the same
missing_bounds  what a mean could be, whatever the items without a verdict would have scored
epochs          which nights may be pooled
between_nights  how much nights differ beyond what their samples explain
pooled_nights   nights pooled
standardised    production on the cold eval's mix of categories

confidence_sequence  how far the truth may be: at one look, or at every look of an epoch
verdict              the rule: production against the cold eval
alarm                one night alone, far below the band
windows              the rule over nights: each alone, and its epoch so far
rollouts             the same, replayed on many rollouts at once
drift                whether the judge still judges as it did

ratio_interval       an interval of a ratio of two means
wilson               an interval of a score
holm                 many tests at once, where they hold a ramp
benjamini_hochberg   many tests at once, where they inform
planning             what it would take to tell: nights, or items of the cold eval
"""
