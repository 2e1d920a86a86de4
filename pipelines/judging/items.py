"""What is put before a judge, read from a table."""

import duckdb

from pipelines.judging.judge import Item, Source


def read_items(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Item]:
    """Items by id, from a query of id, input, output and sources."""
    return {
        item_id: Item(
            input_,
            output,
            tuple(Source(source["id"], source["title"], source["text"]) for source in sources or () if source),
        )
        for item_id, input_, output, sources in connection.execute(query).fetchall()
    }
