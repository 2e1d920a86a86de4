"""The gate: evidence about a day becomes one decision with its reasons.

evidence     what is known about every day, plainly typed
policy       the rules: small classifiers, each with a reason, and one function that composes them
explanation  the reasons in sentences with numbers
own_scores   what a feature's own judged data say of its scores
plan         how many nights a decision takes
selftest     how often the rule is wrong on rollouts drawn from those scores
"""
