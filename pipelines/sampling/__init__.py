"""Which logs of a day are judged: a sample stratified by the feature's columns, the same on every run.

population  the logs that can be sampled, and what each is stratified by
strata      the strata of a day, and how many logs of each are judged
allocation  how n is shared out over strata
spread      how far scores spread within each stratum, as past nights had it
drawing     the sample itself, as large as n and the budget allow
"""
