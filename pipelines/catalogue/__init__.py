"""What is said once, and from which all else derives.

tables   every table: its contract is its file of sql/tables/
"""
