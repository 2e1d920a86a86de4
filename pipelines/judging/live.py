"""Live mode: many requests at once to one server, backing off together when it has too much to do.

A request keeps its place among those in flight until its verdict is committed, so that a kill loses at most as many
verdicts as there are places. Requests are made ready one by one as places come free: memory does not grow with them.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pipelines.feature import JudgeConfig
from pipelines.judging.asking import ASKED_ONCE_MORE, Prompt, Prompter, with_earlier
from pipelines.judging.failures import Failure, Meaning, NightStopped
from pipelines.judging.judge import Answered, Record, Request, Status, Verdict

ATTEMPTS = 5  # at a request that fails by accident; too much to do is waited out instead
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # seconds

Ask = Callable[[Prompt], Awaitable[Verdict]]
"""Sends one prompt once and gives the verdict in its answer; raises Failure when there is no answer."""


async def answer_live(
    requests: Sequence[Request],
    record: Record,
    config: JudgeConfig,
    ask: Ask,
    stopped: Callable[[Failure], NightStopped],
) -> None:
    """Answer the requests, in any order, `judge.concurrency` at a time.

    Raises what `stopped` makes of a failure that no request can get past; what had arrived is recorded by then.
    """
    live = _Live(config, record, ask, stopped)
    committing = asyncio.create_task(live.commits.run())
    unasked = iter(requests)
    workers = [asyncio.create_task(live.work(unasked)) for _ in range(min(config.concurrency, len(requests)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await live.commits.end()
        await committing


class _Live:
    def __init__(self, config: JudgeConfig, record: Record, ask: Ask, stopped: Callable[[Failure], NightStopped]):
        self.commits = Commits(record)
        self._ask, self._stopped = ask, stopped
        self._prompter = Prompter(config)
        self._pace = Pace()
        self._deadline = time.monotonic() + config.wait.total_seconds()

    async def work(self, unasked: Iterator[Request]) -> None:
        for request in unasked:  # one iterator for all workers: each takes the next
            await self.commits.commit((request, await self._verdict(request)))

    async def _verdict(self, request: Request) -> Verdict:
        prompt = self._prompter.prompt(request)
        if isinstance(prompt, Verdict):
            return prompt
        verdict = await self._patiently(prompt)
        if verdict.status in ASKED_ONCE_MORE:
            again = await self._patiently(prompt.larger() if verdict.status is Status.TRUNCATED else prompt)
            verdict = with_earlier(again, verdict.usage, verdict.cost_usd)
        return replace(verdict, cut_characters=prompt.cut_characters, redactions=prompt.redactions)

    async def _patiently(self, prompt: Prompt) -> Verdict:
        """The verdict of one answer, however many attempts it takes to get one."""
        attempt = 0
        while True:
            if (
                self._pace.failure is not None and self._pace.resumes_at > self._deadline
            ):  # the server has asked for a longer pause than there is time
                return self._given_up(self._pace.failure, attempt)
            await self._pace.wait()
            begun = time.monotonic()
            try:
                verdict = await self._ask(prompt)
            except Failure as raised:
                failure = raised
            else:
                self._pace.went_well()
                return replace(verdict, latency_ms=(time.monotonic() - begun) * 1000)
            match failure.meaning:
                case Meaning.STOP:
                    raise self._stopped(failure)
                case Meaning.GIVE_UP:
                    return Verdict(Status.ERRORED, None, f"The API refused the request: {failure}.")
                case Meaning.SLOW_DOWN:
                    self._pace.slow_down(failure)
                case Meaning.TRY_AGAIN:
                    attempt += 1
                    self._pace.slow_down(failure)  # when many fail by accident, they pause together too
            if attempt == ATTEMPTS or time.monotonic() > self._deadline:
                return self._given_up(failure, attempt)

    def _given_up(self, failure: Failure, attempts: int) -> Verdict:
        after = f"after {attempts} attempts" if attempts == ATTEMPTS else "within judge.wait"
        return Verdict(Status.ERRORED, None, f"No answer {after}: {failure}.", is_final=False)


class Pace:
    """When the next request may be sent. All requests of a run share one, so that they slow down together."""

    def __init__(self) -> None:
        self.resumes_at = 0.0
        self.failure: Failure | None = None  # what the last pause is for
        self._pause = FIRST_PAUSE

    async def wait(self) -> None:
        """Return when requests may be sent; after a pause, spread over a tenth of it."""
        while (left := self.resumes_at - time.monotonic()) > 0:
            await asyncio.sleep(left + random.uniform(0, min(1.0, self._pause / 10)))

    def slow_down(self, failure: Failure) -> None:
        """The server has too much to do: pause as long as it says, else twice as long as the last time.

        Of requests that were in flight together, the first one's answer sets the pause; the others can only lengthen it.
        """
        self.failure = failure
        now = time.monotonic()
        if failure.retry_after is not None:
            self.resumes_at = max(self.resumes_at, now + failure.retry_after)
        elif now >= self.resumes_at:
            self.resumes_at = now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def went_well(self) -> None:
        self._pause = FIRST_PAUSE


class Commits:
    """Hands answers to the ledger in groups, in a thread of its own: whatever has arrived while the last group was
    being committed is the next."""

    def __init__(self, record: Record):
        self._record = record
        self._arrived: list[tuple[Answered, asyncio.Future]] = []
        self._arrival = asyncio.Event()
        self._ended = False

    async def commit(self, answered: Answered) -> None:
        """Return when the answer is committed."""
        committed = asyncio.get_running_loop().create_future()
        self._arrived.append((answered, committed))
        self._arrival.set()
        await asyncio.shield(committed)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "ledger") as thread:
            while self._arrived or not self._ended:
                await self._arrival.wait()
                self._arrival.clear()
                group, self._arrived = self._arrived, []
                if not group:
                    continue
                error = None
                try:
                    await loop.run_in_executor(thread, self._record, [answered for answered, _ in group])
                except Exception as raised:  # noqa: BLE001 (each waits for its own commit, and hears why there is none)
                    error = raised
                for _, committed in group:
                    if committed.done():
                        continue
                    if error is None:
                        committed.set_result(None)
                    else:
                        committed.set_exception(error)

    async def end(self) -> None:
        """No more answers will come; `run` returns when those that have are committed."""
        self._ended = True
        self._arrival.set()
