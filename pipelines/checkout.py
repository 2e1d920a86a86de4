"""Where the checkout is: installed editable, it is what is deployed, and users edit its features, prompts and SQL."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
SQL = CHECKOUT / "sql"
