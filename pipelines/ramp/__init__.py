"""The ramp: which stage each day belongs to, as it is recorded."""
