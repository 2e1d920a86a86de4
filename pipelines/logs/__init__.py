"""Raw records to hand: a day's logs as canonical logs with every line accounted for, and the cold eval's items.

sources       where a day's parts are, and how one comes to this machine
containers    JSON lines, CSV and Parquet, packed or plain: a part's records, counted, and as they stood
staging       each part as JSON lines that DuckDB reads fast
paths         where a column is in a record: `request.messages[-1].content`
records       staged parts as views: with a column along each path, or as they are
formats       what a record is: a file of sql/formats/ makes logs of records
account       where each line went
ingest        a day's parts become prod_logs, rejected_logs and log_files
cold_items    the cold eval's items
"""
