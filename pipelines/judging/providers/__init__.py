"""Who answers the judge's questions, one package each. Nothing outside a package knows how its provider is asked.

anthropic  a model, over the Messages API, live or in batches
offline    rules, without a model: a rehearsal of the pipeline
"""
