"""Judging: a criterion file becomes a ruler, a judge answers by it, the ledger keeps every answer.

criterion  one file of judge_prompts/
prompt     what a model is asked: system prompt, item, schema
fencing    how a text becomes data: encoded, cut, between tags that it cannot close
answer     what a model answers, read strictly
ruler      what exactly a verdict was made with; a rubric is rulers with weights
judge      what a judge is: requests in, verdicts out
offline    the judge by rules, without a model
rules      its rules, one module per criterion
ledger     every verdict ever received
panel      items before a judge: ledger first, then the judge
judges     which judge a feature file asks for
redaction  what is taken out of a text before it leaves the machine; secret_shapes are what secrets look like
money      what a verdict costs, by prices.yaml
telemetry  verdicts as OpenTelemetry events
calibration  the judge beside people
"""
