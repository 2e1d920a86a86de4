"""Judging: a criterion file becomes a ruler, a judge answers by it, the ledger keeps every answer.

criterion  one file of judge_prompts/
ruler      what exactly a verdict was made with; a rubric is rulers with weights
judge      what a judge is: requests in, verdicts out
offline    the judge by rules, without a model
rules      its rules, one module per criterion
ledger     every verdict ever received
panel      items before a judge: ledger first, then the judge
judges     which judge a feature file asks for
calibration  the judge beside people
"""
