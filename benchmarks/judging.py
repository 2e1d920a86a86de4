"""How fast verdicts are made live, beside a bare loop over the same client that keeps nothing.

    python benchmarks/judging.py
    python benchmarks/judging.py --verdicts 2000 --latency 2

Both ask the same requests of a Messages server on loopback, in a process of its own, which answers after a set
latency. The bare loop is a semaphore around `AsyncAnthropic`; prod-evals' judge reads every answer and writes every
verdict into the ledger as well. Each runs in a process of its own, in turns. Printed are the seconds of each, how near
they are to the limit of the wire (a latency for each 64 verdicts), the peak memory, and the ratio of the fastest ones.
What is asked for: 0.8 of the bare loop's throughput at 50 ms, and 1.05 of the wire's limit at 2 s.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from math import ceil
from pathlib import Path

from pipelines.checkout import CHECKOUT

sys.path.insert(0, str(CHECKOUT))  # the server is the tests' own

from tests.messages_server import KEY, ServerProcess

MODEL = "claude-haiku-5-5"
CONCURRENCY = 64
CRITERIA = {"addressed_question": 1, "grounded_in_sources": 1, "tone": 1, "language_match": 1}
FEATURE = """\
start: 2026-11-02
logs: {{path: "{{{{ day }}}}.jsonl"}}
judge: {{kind: anthropic, model: {model}, mode: live, redact: false, concurrency: {concurrency}, base_url: "{url}",
  criteria: {criteria}}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verdicts", type=int, default=10_000, help="how many to make (default: %(default)s)")
    parser.add_argument("--latency", type=float, default=0.05, help="of each answer, in seconds (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each kind (default: %(default)s)")
    parser.add_argument("--measure", nargs=3, metavar=("WHAT", "VERDICTS", "URL"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        what, verdicts, url = arguments.measure
        measure(what, int(verdicts), url)
        return
    print(
        f"{arguments.verdicts:,} verdicts, {CONCURRENCY} at a time, each answered after {arguments.latency * 1000:g} ms"
    )
    compare(arguments.verdicts, arguments.latency, arguments.rounds)


def compare(verdicts: int, latency: float, rounds: int) -> None:
    fastest = dict.fromkeys(WAYS, float("inf"))
    limit = ceil(verdicts / CONCURRENCY) * latency
    for _ in range(rounds):
        for what in fastest:
            with ServerProcess(latency=latency) as server:
                measured = in_process(what, verdicts, server.url)
                counts = server.counts()
            fastest[what] = min(fastest[what], measured["seconds"])
            print(
                f"{what:<6} {measured['seconds']:7.2f} s   {measured['cpu_seconds']:6.2f} s of CPU   "
                f"{verdicts / measured['seconds']:5.0f} a second   "
                f"{measured['seconds'] / limit:5.2f} of the wire's limit   {measured['peak_mb']:5.0f} MB   "
                f"{measured['result']}, {sum(counts.answered.values()):,} answers sent, "
                f"{counts.peak_in_flight} at most in flight, {counts.connections_made - 1} connections"
            )
    print(f"throughput of the fastest, to the bare loop's: {fastest['bare'] / fastest['judge']:.2f}")


def in_process(what: str, verdicts: int, url: str) -> dict:
    """Measure in a process of its own, with a data directory that is gone afterwards."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, __file__, "--measure", what, str(verdicts), url]
        environment = os.environ | {"PROD_EVALS_DATA": data, "PROD_EVALS_FEATURES": data, "ANTHROPIC_API_KEY": KEY}
        measured = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(measured.stdout)


def measure(what: str, verdicts: int, url: str) -> None:
    """Make the verdicts once, bare or as prod-evals does, and print the measurements as JSON."""
    ready = WAYS[what](verdicts, url)
    begun, cpu_begun = time.perf_counter(), time.process_time()
    result = ready()
    measured = {
        "seconds": time.perf_counter() - begun,
        "cpu_seconds": time.process_time() - cpu_begun,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
        "result": result,
    }
    print(json.dumps(measured))


def bare(verdicts: int, url: str) -> Callable[[], str]:
    """What one would write in ten minutes: no ledger, no retries, no reading of the answers."""
    import anthropic

    from pipelines.judging.answer import answer_schema
    from pipelines.judging.prompt import item_message, system_prompt

    asked = [
        {
            "model": MODEL,
            "max_tokens": 1024,
            "system": [{"type": "text", "text": system_prompt(criterion), "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": item_message(criterion, item, f"{number:016x}").text}],
            "output_config": {"format": {"type": "json_schema", "schema": answer_schema(criterion)}},
        }
        for number, (criterion, item) in enumerate(questions(verdicts))
    ]

    async def loop() -> str:
        slots = asyncio.Semaphore(CONCURRENCY)
        async with anthropic.AsyncAnthropic(base_url=url, max_retries=0) as client:

            async def one(params: dict) -> bool:
                async with slots:
                    message = await client.messages.create(**params)
                return message.stop_reason == "end_turn"

            answered = await asyncio.gather(*map(one, asked))
        return f"{sum(answered):,} answers"

    return lambda: asyncio.run(loop())


def judge(verdicts: int, url: str) -> Callable[[], str]:
    """What a night does, from items to verdicts in the ledger."""
    from datetime import date, timedelta

    import anthropic  # noqa: F401 (a night imports it once, which is not what is measured)

    from pipelines.feature import load_feature
    from pipelines.judging.judge import ItemKind, Sitting
    from pipelines.judging.judges import judge_of
    from pipelines.judging.ledger import Ledger
    from pipelines.judging.panel import judge_items
    from pipelines.judging.providers.anthropic import live  # noqa: F401
    from pipelines.judging.ruler import rubric_of

    path = Path(os.environ["PROD_EVALS_DATA"]) / "drafts.yaml"
    path.write_text(FEATURE.format(model=MODEL, concurrency=CONCURRENCY, url=url, criteria=json.dumps(CRITERIA)))
    feature = load_feature(path)
    asked = judge_of(feature)
    items = {item.input: item for item in made_up_items(verdicts // len(CRITERIA))}

    def night() -> str:
        with Ledger() as ledger:
            sitting = Sitting(feature.name, ItemKind.PROD, date(2026, 11, 2), ledger, timedelta(hours=2))
            judged = judge_items(items, rubric_of(feature, asked), asked, sitting)
        scored = sum(judgment.entry.verdict.level is not None for judgment in judged.judgments)
        return f"{scored:,} scored"

    return night


def questions(verdicts: int) -> list[tuple]:
    """As many criteria and items as make so many verdicts, every content another one."""
    from pipelines.judging.criterion import load_criterion

    return [(load_criterion(name), item) for item in made_up_items(verdicts // len(CRITERIA)) for name in CRITERIA]


def made_up_items(count: int) -> list:
    """Questions and answers of about 1 KB together, half of them with a source of another 500 characters."""
    from pipelines.judging.judge import Item, Source

    random_ = random.Random(20261102)
    words = "the a your my order invoice account page light was is not could please where when after before".split()

    def text(characters: int) -> str:
        return " ".join(random_.choices(words, k=characters // 6))

    return [
        Item(
            f"{number}: {text(300)}?",
            text(700),
            (Source(f"kb-{number}", text(30), text(500)),) if number % 2 else (),
        )
        for number in range(count)
    ]


WAYS: dict[str, Callable[[int, str], Callable[[], str]]] = {"bare": bare, "judge": judge}

if __name__ == "__main__":
    main()
