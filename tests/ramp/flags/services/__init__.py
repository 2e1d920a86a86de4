"""Each service as the contract's tests set it up: a module of the service's name, with a class `Arranged`.

`Arranged(directory)` makes a service that keeps no flag yet. `section` is what the section `flag` of a feature file says
of it; `give(key, share)` has a flag give the feature to that percentage of users, `give_apart(key, share)` the same with
a cohort named apart, `turn_off(key)` turns it off, `garble()` makes the service answer garbage, and `vanish()` takes it
away.
"""
