"""What raw records come in: JSON lines, CSV or Parquet, the text ones packed or plain.

encoding    which container a name's ending says, and what packs it
container   what each is held to
jsonl       JSON lines
csv         CSV with a header
parquet     Parquet
"""

from pipelines.feature import FileFormat
from pipelines.logs.containers.container import Container
from pipelines.logs.containers.csv import Csv
from pipelines.logs.containers.jsonl import JsonLines
from pipelines.logs.containers.parquet import Parquet

CONTAINERS: dict[FileFormat, Container] = {
    FileFormat.JSONL: JsonLines(),
    FileFormat.CSV: Csv(),
    FileFormat.PARQUET: Parquet(),
}
