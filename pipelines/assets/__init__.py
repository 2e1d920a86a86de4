"""The stages, one module each, named after its table: read what is above, run SQL or a pure function, write, show.

Of one day        prod_logs (with rejected_logs and log_files), signals, sample, judgments (with judge_votes), funnel,
                  night_summary
Of the cold eval  cold_items, cold_judgments, baseline, anchor_judgments
Of all days       stage_history, nights, divergence, mix_shift, trends, judge_drift, judge_costs,
                  judge_flips, calibration, gate_decisions, gate_log
Of all features   published

Three records are written on the way: rulers and rubrics by whatever judges (judging/rubric_tables.py), and
cold_eval_history by judgments (comparison/cold_evals.py).

building          what every asset shares: key, partitions, locks, waiting, checks, what it shows
made_by           which modules and SQL files make an asset, for its code version and the UI's links
"""
