"""Pure functions on arrays: no files, no database, nothing of ours. One idea a file.

Sampling
allocation      how a sample is shared out over strata
spread          how far scores spread in each stratum

Estimation
domain_means    means of slices and criteria of a stratified sample, with their variance
clusters        which sampled items are one unit
nonresponse     weights where verdicts are missing
missing_bounds  what a mean could be, whatever the items without a verdict would have scored
variance_floor  scores that are all the same

Nights
epochs          which nights may be pooled
between_nights  how much nights differ beyond what their samples explain
pooled_nights   nights pooled

The verdict
confidence_sequence  how far the truth may be: at one look, or at every look of an epoch
verdict              the rule: production against the cold eval
alarm                the last nights alone, far below the band
windows              the rule over nights: each alone, and its epoch so far
rollouts             the same, replayed on many rollouts at once
resampling           nights drawn anew from scores that have been seen, with a divergence planted
planning             what it would take to tell: nights, or items of the cold eval
holm                 many tests at once, where they hold a ramp
benjamini_hochberg   many tests at once, where they inform

Why
standardised    production on the cold eval's mix of categories
mix_shift       a difference of means, split into mix and quality
trends          the cold eval up and production down, and the gap between them

The judge's own error
drift           whether the judge still judges as it did
agreement       how far a judge and people, or two people, agree on levels
corrected_means a judge's mean, corrected by what people said of some items

For display
ratio_interval  an interval of a ratio of two means
wilson          an interval of a score
"""
