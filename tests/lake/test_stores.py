"""Every store keeps the contract, and a store that does not is noticed."""

import pytest

from tests.lake import store_contract
from tests.lake.store_contract import CHECKS, Kept
from tests.lake.stores import BROKEN, open_store


def kept_at(kind, tmp_path) -> Kept:
    place = tmp_path / "store"
    return Kept(kind, place, open_store(kind, place))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", ["local disk", pytest.param("SQLite", marks=pytest.mark.slow)])
def test_a_store_keeps_the_contract(kind, check, tmp_path):
    check(kept_at(kind, tmp_path))


@pytest.mark.slow  # each is shown to be noticed by processes that wait, write and are killed
@pytest.mark.parametrize(
    ("broken", "check"),
    [
        pytest.param(store, check, id=f"{store.__name__}-{check.__name__}")
        for store in BROKEN
        for check in BROKEN[store]
    ],
)
def test_a_store_that_breaks_it_is_noticed(broken, check, tmp_path, monkeypatch):
    monkeypatch.setattr(store_contract, "LEASE_SECONDS", 5)
    with pytest.raises(AssertionError):
        check(kept_at(broken.__name__, tmp_path))
