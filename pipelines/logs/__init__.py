"""Raw files to hand: a day's logs as canonical logs with every line accounted for, and the cold eval's items.

files         which files hold a day's logs, and how each is to be read
staging       each file as JSON lines that DuckDB reads fast, its lines counted and kept for quoting
paths         where a column is in a record: `request.messages[-1].content`
records       raw records as a view with one column per canonical column
ingest        a day's files become prod_logs, rejected_logs and log_files
cold_items    the cold eval's items
"""
