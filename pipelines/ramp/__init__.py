"""The ramp: which stage each day belongs to, as it is recorded, and what the feature flag gives.

record  the table stage_history: which stage since when, by whom and why
flags   who keeps the flag, a module each
"""
