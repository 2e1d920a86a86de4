"""Those who are held to the contract: how a feature file names each, and what its server has received."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from pipelines.feature import Feature, features_directory, load_feature
from pipelines.judging.provider import Provider
from pipelines.judging.providers import provider_of
from tests.judging.providers.dropped import dropped_in
from tests.messages_server import MessagesServer

START = "2026-11-02"
Texts = set[str]  # those that one question was put with


@dataclass
class Entrant:
    """One provider, ready to be asked. `received` gives the texts of every question that has reached whoever answers;
    `hold_back` keeps verdicts from coming until `let_come`, where they can come later."""

    section: dict[str, Any]
    received: Callable[[], list[Texts]] = list
    hold_back: Callable[[], None] = lambda: None
    let_come: Callable[[], None] = lambda: None
    refuses: frozenset[str] = field(default_factory=frozenset)

    def feature(self, **judge: Any) -> Feature:
        """A feature that this provider judges, on one criterion unless `judge` says otherwise."""
        section = {"criteria": {"tone": 1}, "redact": False} | self.section | judge
        path = features_directory() / "drafts.yaml"
        logs = "logs: {path: '{{ day }}.jsonl'}"
        path.write_text(f"start: {START}\n{logs}\njudge: {json.dumps(section)}\n", encoding="utf-8")
        return load_feature(path)

    @property
    def provider(self) -> Provider:
        return provider_of(self.feature())


@contextmanager
def offline() -> Iterator[Entrant]:
    yield Entrant({"kind": "offline"}, refuses=frozenset({"harmful_or_policy_breaking"}))


@contextmanager
def anthropic(mode: str) -> Iterator[Entrant]:
    with MessagesServer() as server:

        def received() -> list[Texts]:
            posted = [request for request in server.asked if request.method == "POST"]
            live = [request.params for request in posted if request.path == "/v1/messages"]
            batches = [request.params for request in posted if request.path == "/v1/messages/batches"]
            return [
                _texts(params)
                for params in live + [asked["params"] for batch in batches for asked in batch["requests"]]
            ]

        yield Entrant(
            {"kind": "anthropic", "model": "claude-haiku-5-5", "mode": mode, "base_url": server.url, "concurrency": 8},
            received,
            hold_back=lambda: server.follow(batch_seconds=3600),
            let_come=lambda: server.follow(batch_seconds=0),
        )


@contextmanager
def word_count() -> Iterator[Entrant]:
    with dropped_in():
        received = import_module("pipelines.judging.providers.word_count.provider").RECEIVED
        received.clear()
        yield Entrant(
            {"kind": "word_count", "enough": 30}, lambda: [{prompt.system, prompt.message} for prompt in received]
        )


ENTRANTS: dict[str, Callable[[], AbstractContextManager[Entrant]]] = {
    "offline": offline,
    "anthropic, live": lambda: anthropic("live"),
    "anthropic, in batches": lambda: anthropic("batch"),
    "word_count": word_count,
}


def _texts(params: dict[str, Any]) -> Texts:
    settings = {name: value for name, value in params.items() if name not in ("system", "messages")}
    return {json.dumps(settings), params["system"][0]["text"], params["messages"][0]["content"]}
