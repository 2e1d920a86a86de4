"""The gate: evidence about a day becomes one decision with its reasons.

evidence     what is known about every day, plainly typed
policy       the rules: small classifiers, each with a reason, and one function that composes them
explanation  the reasons in sentences with numbers
history      the decisions of all days, made again from the first whose evidence changed
"""
