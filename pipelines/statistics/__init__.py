"""Pure functions on arrays: no files, no database, nothing of ours. One idea a file.

allocation      how a sample is shared out over strata
spread          how far scores spread in each stratum
domain_means    means of slices and criteria of a stratified sample, with their variance
clusters        which sampled items are one unit
nonresponse     weights where verdicts are missing
pooled_nights   nights pooled
epochs          which nights may be pooled
verdict         the rule: production against the cold eval
holm            many tests at once
mix_shift       a difference of means, split into mix and quality
trends          the cold eval up and production down, and the gap between them
agreement       how far a judge and people, or two people, agree on levels
corrected_means a judge's mean, corrected by what people said of some items
resampling      nights drawn anew from scores that have been seen, with a divergence planted
planning        what it would take to tell: nights, or items of the cold eval
"""
