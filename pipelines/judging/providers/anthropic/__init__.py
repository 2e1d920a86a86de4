"""The judge that asks a model: Anthropic's, over the Messages API, live or in batches.

provider  what it promises to everybody else
settings  what a feature file must say of it
judge     the judge that a feature file describes
asking    a prompt as a request of the API
reading   an answer as it came, as a verdict
client    the SDK's clients: who serves the model, which key, and to which host it may go
failures  what an error of the API means, and what a person has to do about it
live      one by one, many at once
batches   in Message Batches, each written down before it is submitted
tokens    how many tokens prompts have, as the API counts; bounds is what they cost at most, by the prices of prices.yaml
preview   what will be sent, to the letter
"""
