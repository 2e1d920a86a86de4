"""Files of the lake with values that are not of their column's declared type: found after a query has failed over one.

Reading casts every column to its declared type, so that a file with another type that can be cast is no matter. One that
cannot fails the query, in words that name neither table nor file. Looking for it costs nothing while nothing fails.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from pipelines import lake
from pipelines.catalogue.tables import columns, folders
from pipelines.errors import UserError
from pipelines.lake import LakeFile


class MisfitError(UserError):
    """A file of the lake with a column whose values cannot be cast to their declared type."""


@contextmanager
def telling_misfits() -> Iterator[None]:
    """What fails inside over a value that cannot be cast raises MisfitError, which names the file and how to mend it."""
    try:
        yield
    except duckdb.Error as error:
        if misfit := misfit_behind(error):
            raise misfit from error
        raise


def misfit_behind(error: Exception) -> MisfitError | None:
    """What a failure rests on, when it is a value of the lake that cannot be cast."""
    if not isinstance(error, duckdb.ConversionException | duckdb.BinderException):
        return None
    sentence = find_misfit()
    return MisfitError(sentence) if sentence else None


def find_misfit() -> str | None:
    """A sentence about the first file of the lake with a value that cannot be cast to its declared type."""
    with lake.connect() as connection:
        for folder in folders():
            for file in lake.files(folder):
                try:
                    if sentence := _misfit(connection, folder, file):
                        return sentence
                except duckdb.Error:
                    continue  # damaged, or just replaced: no matter of types
    return None


def _misfit(connection: duckdb.DuckDBPyConnection, folder: str, file: LakeFile) -> str | None:
    declared = columns(folder)
    reading = "FROM read_parquet($file, hive_partitioning = false)"
    types = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {reading}", {"file": file.location}).fetchall()}
    for column, type_ in types.items():
        wanted = declared.get(column, type_)
        if wanted == type_:
            continue
        misfits = f'SELECT count(*) {reading} WHERE "{column}" IS NOT NULL AND TRY_CAST("{column}" AS {wanted}) IS NULL'
        (values,) = connection.execute(misfits, {"file": file.location}).fetchone() or (0,)
        if values:
            return (
                f"{folder}: {file.location}: the column {column} is {type_} and is declared {wanted}, and {values} of its values "
                f"cannot be cast; {_remedy(file)}"
            )
    return None


def _remedy(file: LakeFile) -> str:
    keys = file.partition
    if "day" in keys:
        return f"run that day again: prod-evals run {keys['feature']} --day {keys['day']}"
    return "bring the file back as it was written, or move it away and run the night again"
