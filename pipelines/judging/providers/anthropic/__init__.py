"""The judge that asks a model: Anthropic's, over the Messages API, live or in batches.

judge     the judge that a feature file describes
asking    a request as it is sent
reading   an answer as it came, as a verdict
client    the SDK's clients: who serves the model, which key, and to which host it may go
failures  what an error means: for one request, or for the night
live      one by one, many at once, backing off together
batches   in Message Batches, each written down before it is submitted
"""
