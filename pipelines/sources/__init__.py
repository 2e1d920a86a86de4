"""Bring raw files to hand: a day's logs as canonical logs with every line accounted for, and the cold eval's items."""
