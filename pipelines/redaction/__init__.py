"""Taking personal data and secrets out of text before it leaves the machine.

redactor       what is found in a text, and the text without it
secret_shapes  what keys, tokens and passwords look like
"""
