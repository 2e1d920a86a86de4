"""What a feature's own scores say before a rollout: how long a decision takes, and how often it would be wrong.

own_scores      what a feature's judged data say of its scores
scores_in_lake  those data, and what an item has cost, from the lake
plan            how many nights a decision takes
selftest        how often the rule is wrong on rollouts drawn from those scores
"""
