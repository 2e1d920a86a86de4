"""What is said once, and from which all else derives. Nothing here knows of features, the gate or assets.

tables      every table: its contract is its file of sql/tables/
signals     every signal of a day's full log: a file of sql/signals/
formats     every format of logs: a file of sql/formats/
reasons     every reason of a decision: an entry with its sentence and what to do next
headers     the header of such a file
reference   the lists of docs/reference.md, made of these
"""
