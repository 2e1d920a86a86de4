"""The judge by rules, without a model. It never calls anything, and says in each rationale what it rests on.

provider  what it promises to everybody else
judge     the judge
rules     one module per criterion that there is a rule for
"""
