"""A judge that another might drop beside ours: a model in name, which counts the words of an output.

It stands for any model: it is asked with the same prompts, answers as JSON, and costs something.
"""
