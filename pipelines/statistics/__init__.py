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
planning        what it would take to tell: nights, or items of the cold eval
"""
