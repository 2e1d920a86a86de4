"""The stages, one module each, named after its table: read what is above, run SQL or a pure function, write, show.

Of one day      prod_logs (with rejected_logs and log_files), signals, sample, judgments, funnel
Of the cold eval  cold_items, cold_judgments, baseline
Of all days     stage_history, divergence, mix_shift, trends, calibration, gate_decisions, published

building        what every asset shares: key, partitions, locks, checks, what it shows
"""
