"""Claims of speed and memory, to be run again: each is a program, and says at its top what it claims.

ingest        a day of logs, beside DuckDB's bare reading
judging       live verdicts, beside a bare loop over the same client
rollouts      the gate's self-test
history       one more night at the end of a long history; what it measures is in one_evening
made_history  that history, made without its nights
"""
