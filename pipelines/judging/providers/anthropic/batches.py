"""Batch mode: Message Batches, at half the price. Nothing that was submitted is ever submitted again by accident.

A batch is written down before it is submitted (batch_book.py), by whoever holds the lock of submissions. When the answer
to a submission never comes, the batch may be there or not. The API's list names no requests, so an unknown batch of the
same size made since is waited for and known by its results; only when there is none is the intent forgotten and its
requests are asked anew. Results go into the ledger as they are read, whoever reads them: reading twice changes nothing.
"""

import json
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines import clock
from pipelines.data_directory import lock
from pipelines.feature import JudgeConfig, Prices
from pipelines.judging.asking import ASKED_ONCE_MORE, Prompt, Prompter, with_earlier
from pipelines.judging.batch_book import Attempts, Batch, BatchBook, BatchRequest, Outcome, Retry
from pipelines.judging.failures import Failure, Meaning, NightStopped
from pipelines.judging.judge import Key, Record, Request, Sitting, Status, Verdict
from pipelines.judging.providers.anthropic.asking import Messages
from pipelines.judging.providers.anthropic.client import BATCH_TIMEOUT, batch_client, check_results_host
from pipelines.judging.providers.anthropic.failures import failure_in, failure_of, stopped
from pipelines.judging.providers.anthropic.reading import Terms, parse, read_message

MOST_REQUESTS, MOST_BYTES = 10_000, 200_000_000  # in one batch; the API takes 100,000 and 256 MB
RESUBMIT_FOR = timedelta(hours=48)  # since it was first asked, a request without an answer is submitted again
MOST_TIMES = 4  # a request is submitted, should batches keep ending without an answer to it
STREAMS = 3  # times that results are read, should they be fewer than the API counts
GROUP = 250  # results that are committed together
FIRST_POLL, LONGEST_POLL = 1.0, 60.0  # seconds between looks at a batch
SETTLED_AFTER = timedelta(seconds=15)  # a submission that broke off is in the list within this, and a second a MB
SKEW = timedelta(minutes=5)  # between the API's clock and ours
LOOKS_WITHIN = 10.0  # seconds for one look of a sensor that looks for all features, and may take a minute altogether
LIVES = timedelta(hours=25)  # a batch ends within 24 hours, whatever happens

log = logging.getLogger(__name__)


def judge_in_batches(
    requests: Sequence[Request], record: Record, sitting: Sitting, config: JudgeConfig, prices: Prices
) -> None:
    """Answer the requests in batches, waiting as long as the sitting does; what is outstanding then is pending.

    Verdicts are committed to the sitting's ledger as they are read; `record` is given what has none. Raises NightStopped
    for an error that no request can get past.
    """
    if requests:
        with batch_client(config) as client:
            _Batches(client, BatchBook(sitting.ledger), record, sitting, config, prices).answer(requests)


def ended(config: JudgeConfig, batches: Sequence[Batch]) -> list[str]:
    """The intents of those batches that there is something to do about: they have ended, or it is not known whether they
    were submitted. A batch that cannot be looked at now is left for the next look."""
    intent_ids = []
    if batches:
        with batch_client(config) as client:
            looking = client.with_options(timeout=LOOKS_WITHIN)
            for batch in batches:
                try:
                    if (
                        batch.batch_id is None
                        or looking.messages.batches.retrieve(batch.batch_id).processing_status == "ended"
                    ):
                        intent_ids.append(batch.intent_id)
                except Exception as error:
                    failure = failure_of(error)
                    log.warning("%s cannot be looked at now (%s)", batch.batch_id, failure)
                    if failure.status == 404:
                        intent_ids.append(batch.intent_id)
    return intent_ids


@dataclass(frozen=True)
class _Ready:
    """A prompt as its request is sent, and the bytes that it has in a batch."""

    prompt: Prompt
    params: dict[str, Any]
    bytes: int

    @classmethod
    def to_be_sent(cls, prompt: Prompt, params: dict[str, Any]) -> "_Ready":
        size = len(json.dumps(params, ensure_ascii=False).encode("utf-8", "surrogatepass")) + 100
        return cls(prompt, params, size)


class _Batches:
    def __init__(
        self, client: Any, book: BatchBook, record: Record, sitting: Sitting, config: JudgeConfig, prices: Prices
    ):
        self._client, self._book, self._record, self._sitting = client, book, record, sitting
        self._config, self._prices = config, prices
        self._prompter, self._messages = Prompter(config), Messages(config)
        self._not_before = 0.0  # when the next submission may be tried, after the API had too much to do
        self._pause = FIRST_POLL
        self._unsent: set[Key] = set()
        self._first_looks: dict[str, float] = {}  # when this run began to look for an intent in the API's list

    def answer(self, requests: Sequence[Request]) -> None:
        """Submit what is in no batch, read the batches that have ended, and wait; give what is still out as pending."""
        deadline = time.monotonic() + self._sitting.wait.total_seconds()
        poll = FIRST_POLL
        while unanswered := self._unanswered(requests):
            self._submit(unanswered)
            under_way = self._batches_of(unanswered)
            ended = [batch for batch in under_way if self._advance(batch)]
            if ended:
                poll = FIRST_POLL
                continue
            if not (unanswered := self._unanswered(requests)):
                return
            now = time.monotonic()
            if now >= deadline:
                self._record([(request, _pending(under_way)) for request in unanswered])
                return
            time.sleep(min(poll, deadline - now))
            poll = min(1.5 * poll, LONGEST_POLL)

    def _unanswered(self, requests: Sequence[Request]) -> list[Request]:
        answered = self._sitting.ledger.find(request.key for request in requests)
        return [request for request in requests if request.key not in answered and request.key not in self._unsent]

    def _batches_of(self, requests: Sequence[Request]) -> list[Batch]:
        under_way = self._book.batches_of(request.key for request in requests).values()
        return sorted({batch.intent_id: batch for batch in under_way}.values(), key=lambda batch: batch.intended_at)

    # submitting

    def _submit(self, requests: Sequence[Request]) -> None:
        """Submit those requests that are in no batch that is under way. One process at a time looks and submits."""
        if time.monotonic() < self._not_before:
            return
        with lock("batches"):
            in_batches = self._book.batches_of(request.key for request in requests)
            # others may have read a batch since we looked
            fresh = [request for request in self._unanswered(requests) if request.key not in in_batches]
            for chunk in self._chunks(self._still_tried(fresh)):
                if not self._submit_chunk(chunk):
                    return

    def _still_tried(self, requests: Sequence[Request]) -> list[Request]:
        """Requests that are worth submitting; the others have had their time, and end as what became of them."""
        attempts = self._book.attempts(request.key for request in requests)
        given_up = [request for request in requests if request.key in attempts and _is_over(attempts[request.key])]
        self._commit_to_ledger({request.key: _given_up(attempts[request.key]) for request in given_up})
        return [request for request in requests if request.key not in attempts or not _is_over(attempts[request.key])]

    def _chunks(self, requests: Sequence[Request]) -> Iterator[list[_Ready]]:
        """Requests ready to be sent, with their bytes, few enough for one batch."""
        retries = self._book.retries(request.key for request in requests)
        chunk: list[_Ready] = []
        size = 0
        for request in requests:
            prompt = self._prompter.prompt(request)
            if isinstance(prompt, Verdict):
                self._record([(request, prompt)])
                self._unsent.add(request.key)
                continue
            if request.key in retries and retries[request.key].status is Status.TRUNCATED:
                prompt = prompt.larger()
            ready = _Ready.to_be_sent(prompt, self._messages.params(prompt))
            if chunk and (len(chunk) == MOST_REQUESTS or size + ready.bytes > MOST_BYTES):
                yield chunk
                chunk, size = [], 0
            chunk.append(ready)
            size += ready.bytes
        if chunk:
            yield chunk

    def _submit_chunk(self, chunk: list[_Ready]) -> bool:
        """Write a batch down and submit it. Returns whether more may be submitted now."""
        batch = self._book.intend(
            [
                BatchRequest(
                    prompt.request.key,
                    prompt.may_not_apply,
                    prompt.max_tokens,
                    prompt.cut_characters,
                    json.dumps(prompt.redactions, sort_keys=True) if prompt.redactions else None,
                )
                for prompt in (ready.prompt for ready in chunk)
            ],
            sum(ready.bytes for ready in chunk),
            self._sitting,
        )
        try:
            made = self._client.messages.batches.create(
                requests=[
                    {"custom_id": batch.custom_id(place), "params": ready.params} for place, ready in enumerate(chunk)
                ]
            )
        except Exception as error:
            return self._not_submitted(batch, chunk, failure_of(error))
        self._book.submitted(batch.intent_id, made.id)
        self._pause = FIRST_POLL
        log.info("submitted %s: %s requests, %.1f MB", made.id, f"{batch.requests:,}", batch.bytes / 1e6)
        return True

    def _not_submitted(self, batch: Batch, chunk: list[_Ready], failure: Failure) -> bool:
        match failure.meaning:
            case Meaning.STOP:
                self._book.forget(batch.intent_id)
                raise stopped(failure, self._config)
            case Meaning.GIVE_UP if len(chunk) > 1:  # one request of it is wrong, or all together are too large
                self._book.forget(batch.intent_id)
                half = len(chunk) // 2
                return self._submit_chunk(chunk[:half]) and self._submit_chunk(chunk[half:])
            case Meaning.GIVE_UP:
                self._book.forget(batch.intent_id)
                refused = Verdict(Status.ERRORED, None, f"The API refused the request: {failure}.")
                self._commit_to_ledger({chunk[0].prompt.request.key: refused})
                return True
            case Meaning.SLOW_DOWN if failure.status != 503:  # that one may be a gateway's, with the batch behind it
                self._book.forget(batch.intent_id)
                self._not_before = time.monotonic() + (
                    self._pause if failure.retry_after is None else failure.retry_after
                )
                self._pause = min(2 * self._pause, LONGEST_POLL)
                log.warning("the API takes no batch now (%s)", failure)
                return False
            case _:
                log.warning("a batch may or may not have been submitted (%s); looking for it", failure)
                return False

    # what is under way

    def _advance(self, batch: Batch) -> bool:
        """Look at a batch; read it when it has ended. Returns whether anything changed."""
        try:
            if batch.batch_id is None:
                return self._look_for(batch)
            api_batch = self._client.messages.batches.retrieve(batch.batch_id)
            if api_batch.processing_status != "ended":
                counts = {name: number for name, number in api_batch.request_counts.to_dict().items() if number}
                age = datetime.now(UTC) - batch.intended_at
                log.info("%s is %s after %s: %s", batch.batch_id, api_batch.processing_status, _spoken(age), counts)
                return False
            self._read(batch, api_batch)
            return True
        except NightStopped:
            raise
        except Exception as error:
            failure = failure_of(error)
            if failure.status == 404 and datetime.now(UTC) - batch.intended_at > LIVES:
                log.warning("%s is gone; what was in it is asked again", batch.batch_id)
                self._book.close(batch.intent_id, dict.fromkeys(range(batch.requests), Outcome.MISSING))
                return True
            if failure.status == 404 and batch.batch_id is not None:
                raise NightStopped(
                    f"the API does not know the batch {batch.batch_id}, which was submitted {batch.intended_at:%Y-%m-%d %H:%M} "
                    "UTC: is the key another workspace's, or judge.base_url another server's? Use the one that submitted "
                    "it; a day after its submission it is given up by itself"
                ) from None
            if failure.meaning is Meaning.STOP and failure.status != 404:  # 404: a gateway that lists no batches
                raise stopped(failure, self._config) from None
            log.warning("%s cannot be looked at now (%s)", batch.batch_id or "the list of batches", failure)
            return False

    def _look_for(self, batch: Batch) -> bool:
        """Find the API's batch behind an intent whose submission had no answer. Returns whether anything changed."""
        with lock("batches"):  # whoever is submitting it just now has written its id down by then
            still_open = {other.intent_id: other for other in self._book.open_batches()}.get(batch.intent_id)
            if still_open is None or still_open.batch_id is not None:
                return True
            known = self._book.known_batch_ids()
            candidates = [
                api_batch
                for api_batch in self._made_since(batch.intended_at - SKEW)
                if api_batch.id not in known and sum(api_batch.request_counts.to_dict().values()) == batch.requests
            ]
            for candidate in candidates:
                if candidate.processing_status == "ended":
                    self._identify(candidate)
                    return True
            if candidates:
                log.info("waiting for %s, which may be ours", ", ".join(candidate.id for candidate in candidates))
                return False
            if not self._is_settled(batch):
                return False
            log.info("a batch of %s requests was never submitted; submitting it now", f"{batch.requests:,}")
            self._book.forget(batch.intent_id)
            return True

    def _is_settled(self, batch: Batch) -> bool:
        """Whether a submission that the API accepted would be in its list by now.

        Nobody can tell when a submission without an answer broke off, but it is over by the first time that it is looked
        for under the lock: what counts is the time since then. A run that looks only once goes by the longest that a
        submission can take.
        """
        takes = SETTLED_AFTER + timedelta(seconds=batch.bytes / 1e6)
        looked_for = time.monotonic() - self._first_looks.setdefault(batch.intent_id, time.monotonic())
        age = datetime.now(UTC) - batch.intended_at
        return looked_for >= takes.total_seconds() or age >= takes + timedelta(seconds=BATCH_TIMEOUT)

    def _made_since(self, moment: datetime) -> Iterator[Any]:
        """The API's batches, newest first, as far back as a moment."""
        for api_batch in self._client.messages.batches.list(limit=100):
            if _aware(api_batch.created_at) < moment:
                return
            yield api_batch

    def _identify(self, api_batch: Any) -> None:
        """Write down whose an ended batch is, by the first of its results."""
        first = next(self._results(api_batch), None) if api_batch.results_url else None
        intent_id = self._book.intent_of(str(first["custom_id"])) if first else None
        if intent_id is None:
            self._book.is_somebody_elses(api_batch.id)
        else:
            log.info("%s is ours", api_batch.id)
            self._book.submitted(intent_id, api_batch.id)

    # reading results

    def _read(self, batch: Batch, api_batch: Any) -> None:
        """Commit all results of an ended batch, and close it."""
        requests = self._book.requests_of(batch.intent_id)
        judged_at = min(_aware(api_batch.ended_at) if api_batch.ended_at else clock.now(), clock.now())
        retries = self._book.retries(request.key for request in requests.values())
        reading = _Reading(batch, requests, retries, self._prices)
        for _ in range(STREAMS if api_batch.results_url else 0):
            reading.begin()
            for result in self._results(api_batch):
                reading.take(result)
                if len(reading.verdicts) + len(reading.to_ask_again) >= GROUP:
                    self._commit(reading, judged_at)
            self._commit(reading, judged_at)
            if len(reading.seen) >= batch.requests:
                break
            log.warning("%s: %s results of %s; reading again", batch.batch_id, len(reading.seen), batch.requests)
        missing = dict.fromkeys(requests.keys() - reading.seen, Outcome.MISSING)
        self._book.close(batch.intent_id, missing | reading.unanswered)
        log.info(
            "read %s: %s of %s answered", batch.batch_id, len(reading.seen) - len(reading.unanswered), batch.requests
        )
        if reading.stop is not None:
            raise stopped(reading.stop, self._config)

    def _commit(self, reading: "_Reading", judged_at: datetime) -> None:
        self._sitting.ledger.record(reading.verdicts, reading.batch.feature, reading.batch.item_kind, judged_at)
        self._book.ask_again(reading.to_ask_again)
        reading.verdicts, reading.to_ask_again = [], {}

    def _results(self, api_batch: Any) -> Iterator[dict[str, Any]]:
        """The results of a batch, line by line. A line that is none (the last one of a stream that broke) is left out."""
        check_results_host(api_batch.results_url, self._client.base_url)
        with self._client.messages.batches.with_streaming_response.results(api_batch.id) as response:
            for line in response.iter_lines():
                result = parse(line)
                if isinstance(result, dict) and isinstance(result.get("custom_id"), str):
                    yield result

    def _commit_to_ledger(self, verdicts: dict[Key, Verdict]) -> None:
        sitting = self._sitting
        sitting.ledger.record(verdicts.items(), sitting.feature, sitting.item_kind, clock.now())


@dataclass
class _Reading:
    """The results of one batch, as far as they have been read."""

    batch: Batch
    requests: dict[int, BatchRequest]
    retries: dict[Key, Retry]
    prices: Prices

    def __post_init__(self) -> None:
        self.verdicts: list[tuple[Key, Verdict]] = []
        self.to_ask_again: dict[Key, Retry] = {}
        self.unanswered: dict[int, Outcome] = {}
        self.seen: set[int] = set()
        self.stop: Failure | None = None

    def begin(self) -> None:
        """Begin to read from the first line, once more perhaps."""
        self.seen.clear()
        self.unanswered.clear()

    def take(self, result: dict[str, Any]) -> None:
        """One line. The first one for a request counts, and one that names none of the batch's is left aside."""
        intent_id, _, place_text = result["custom_id"].rpartition("-")
        place = int(place_text) if place_text.isdecimal() and place_text.isascii() else -1
        if intent_id != self.batch.intent_id or place not in self.requests or place in self.seen:
            return
        self.seen.add(place)
        request = self.requests[place]
        outcome = result.get("result")
        outcome = outcome if isinstance(outcome, dict) else {}
        match outcome.get("type"):
            case "succeeded":
                self._answered(request, outcome.get("message"))
            case "errored":
                self._errored(place, request, failure_in(outcome.get("error")))
            case "canceled":
                self.unanswered[place] = Outcome.CANCELED
            case "expired":
                self.unanswered[place] = Outcome.EXPIRED
            case _:  # a type of result that this version does not know is no answer
                self.unanswered[place] = Outcome.MISSING

    def _answered(self, request: BatchRequest, message: Any) -> None:
        verdict = read_message(message, Terms(self.prices, True, request.may_not_apply, request.max_tokens))
        earlier = self.retries.get(request.key)
        if earlier is not None and earlier.intent_id == self.batch.intent_id:
            return  # read before, by a reading that came to no end
        if verdict.status in ASKED_ONCE_MORE and earlier is None:
            self.to_ask_again[request.key] = Retry(
                self.batch.intent_id, verdict.status, verdict.usage, verdict.cost_usd
            )
            return
        if earlier is not None:
            verdict = with_earlier(verdict, earlier.usage, earlier.cost_usd)
        request_id = message.get("id") if isinstance(message, dict) else None
        self.verdicts.append((request.key, self._complete(request, verdict, request_id)))

    def _errored(self, place: int, request: BatchRequest, failure: Failure) -> None:
        match failure.meaning:
            case Meaning.STOP:
                self.stop = failure
                self.unanswered[place] = Outcome.ERRORED
            case Meaning.GIVE_UP:
                verdict = Verdict(Status.ERRORED, None, f"The API refused the request: {failure}.")
                self.verdicts.append((request.key, self._complete(request, verdict, None)))
            case _:
                self.unanswered[place] = Outcome.ERRORED

    def _complete(self, request: BatchRequest, verdict: Verdict, request_id: Any) -> Verdict:
        return replace(
            verdict,
            batch_id=self.batch.batch_id,
            request_id=request_id if isinstance(request_id, str) else None,
            cut_characters=request.cut_characters,
            redactions=json.loads(request.redactions) if request.redactions else {},
        )


def _is_over(attempts: Attempts) -> bool:
    return attempts.times >= MOST_TIMES or datetime.now(UTC) - attempts.first_asked_at > RESUBMIT_FOR


def _given_up(attempts: Attempts) -> Verdict:
    status = Status.ERRORED if attempts.last is Outcome.ERRORED else Status.EXPIRED
    hours = (datetime.now(UTC) - attempts.first_asked_at) / timedelta(hours=1)
    return Verdict(
        status,
        None,
        f"{attempts.times} batches in {hours:.0f} h ended without an answer (the last one: {attempts.last}).",
    )


def _pending(batches: Sequence[Batch]) -> Verdict:
    ids = ", ".join(batch.batch_id or "a submission" for batch in batches[:3])
    return Verdict(Status.PENDING, None, f"Waiting for {ids or 'its submission'}.", is_final=False)


def _aware(moment: datetime) -> datetime:
    """A time of the API; a gateway's may lack the zone, which is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _spoken(age: timedelta) -> str:
    minutes = age.total_seconds() / 60
    return (
        f"{minutes * 60:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
    )
