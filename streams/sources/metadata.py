"""launches, accounts -> metadata: fetches the document behind each token's uri, without Faust."""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from domain.accounts.reading import standing_of
from domain.errors import BtrackerError, UnreadableError
from domain.posts.document import no_document, read_document
from schemas.accounts import AccountsRead
from schemas.claim import LaunchClaim
from schemas.event import Op
from schemas.fields import Mint
from schemas.kafka import Kafka
from schemas.metadata import Metadata
from schemas.topics import ACCOUNTS, LAUNCHES, METADATA
from streams.everything import everything
from streams.sources.fetch import Failed, Fetcher, open_fetcher
from streams.sources.metadata_settings import MetadataSettings

INPUTS = TopicPartition(LAUNCHES.name, 0), TopicPartition(ACCOUNTS.name, 0)
POLL_MS = 200
COMMIT_EVERY_S = 1.0
LONGEST_RETRY_S = 600.0
CONTENT_RETRY_S = 300.0
"""How long a document that is there but unusable is asked for again: gateways answer with pages."""

KNOWN_MAX = 200_000
"""Mints remembered: more than the launches of two days, for which Kafka keeps them."""

log = logging.getLogger(__name__)


async def run_metadata_fetcher(settings: MetadataSettings, stop: asyncio.Event) -> None:
    """Fetch the document of every token until *stop*, and publish the first version of each.

    Its uri is in the launch, or in the accounts of a token that was launched before we looked. It
    is committed after its document, or the error that stands for it, is in Kafka; after
    a restart those that were waiting for another attempt are tried again.

    Raises:
        BtrackerError: Kafka cannot be reached, or did not take a record.
    """
    try:
        await _run(settings, stop)
    except KafkaError as error:
        raise BtrackerError(
            f"The Kafka at {settings.cluster} failed the fetcher of documents: {error!r}."
        ) from error


async def _run(settings: MetadataSettings, stop: asyncio.Event) -> None:
    consumer = AIOKafkaConsumer(
        **settings.cluster.options,
        group_id=settings.fetch_group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(**settings.cluster.options, acks="all")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(consumer.stop)
        stack.push_async_callback(producer.stop)
        await consumer.start()
        await producer.start()
        fetcher = await stack.enter_async_context(open_fetcher(settings.limits))
        known = await fetched_mints(settings.cluster)
        consumer.assign(INPUTS)
        desk = Desk(settings, fetcher, consumer, producer, known=known)
        try:
            await desk.run(stop)
        except ExceptionGroup as errors:
            # One reason is enough to stop; the others follow from it.
            raise errors.exceptions[0] from errors


async def fetched_mints(kafka: Kafka) -> set[Mint]:
    """Return the mints whose document is in Kafka already."""
    return {mint async for record in everything(kafka, METADATA.name) for mint in _mints(record)}


def _mints(record: ConsumerRecord) -> Iterable[Mint]:
    try:
        value = msgspec.json.decode(record.value or b"", type=METADATA.value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()
    return (value.mint,) if isinstance(value, Metadata) else ()


def retry_in(
    failed: Failed, *, attempt: int, elapsed_s: float, settings: MetadataSettings
) -> float | None:
    """Return the seconds until the next attempt, None where there is to be none.

    What is missing or busy is asked for again for hours, what is there but no document for five
    minutes, and what is forbidden never. *attempt* counts from 0.
    """
    if failed.cause == "forbidden":
        return None
    longest_s = CONTENT_RETRY_S if failed.cause == "content" else float("inf")
    until_s = min(longest_s, settings.fetch_retry_hours * 3600)
    doubled_s = min(LONGEST_RETRY_S, settings.fetch_first_retry_s * 2 ** min(attempt, 20))
    wait_s = max(doubled_s, failed.wait_s)
    return wait_s if elapsed_s + wait_s <= until_s else None


class Wanted(NamedTuple):
    """Where the document of a token is said to be; untrusted text."""

    mint: Mint
    uri: str


class Done:
    """Which records of a topic are done: those before the first that is not may be committed."""

    def __init__(self) -> None:
        self._unfinished = set[int]()
        self._next = self._committed = 0

    def begin(self, offset: int) -> None:
        """Take note that a record has come."""
        self._unfinished.add(offset)
        self._next = offset + 1

    def end(self, offset: int) -> None:
        """Take note that a record is done."""
        self._unfinished.discard(offset)

    def news(self) -> int | None:
        """Return the offset to commit, None where it was said before."""
        done = min(self._unfinished, default=self._next)
        if done <= self._committed:
            return None
        self._committed = done
        return done


class Desk:
    """Takes tokens in, keeps their attempts apart, and commits what is done in order."""

    def __init__(
        self,
        settings: MetadataSettings,
        fetcher: Fetcher,
        consumer: AIOKafkaConsumer,
        producer: AIOKafkaProducer,
        *,
        known: Iterable[Mint],
    ) -> None:
        self._settings, self._fetcher = settings, fetcher
        self._consumer, self._producer = consumer, producer
        self._known = dict.fromkeys(known)
        self._slots = asyncio.Semaphore(settings.fetch_concurrency)
        self._done = {place: Done() for place in INPUTS}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until *stop*; what waits for another attempt then is done after the next start."""
        jobs = set[asyncio.Task[None]]()
        commit_at = time.monotonic() + COMMIT_EVERY_S
        async with asyncio.TaskGroup() as tasks:
            while not stop.is_set():
                jobs = {job for job in jobs if not job.done()}
                for record in await self._arrivals(jobs):
                    self._done_of(record).begin(record.offset)
                    jobs.add(tasks.create_task(self._do(record)))
                if time.monotonic() >= commit_at:
                    await self._commit()
                    commit_at = time.monotonic() + COMMIT_EVERY_S
            for job in jobs:
                job.cancel()
        await self._commit()

    async def _arrivals(self, jobs: set[asyncio.Task[None]]) -> Sequence[ConsumerRecord]:
        """Return new tokens, as many as there is room for; waits a moment for the first."""
        room = self._settings.fetch_pending_max - len(jobs)
        if room <= 0:
            await asyncio.wait(jobs, timeout=POLL_MS / 1000, return_when=asyncio.FIRST_COMPLETED)
            return ()
        batch = await self._consumer.getmany(*INPUTS, timeout_ms=POLL_MS, max_records=room)
        return [record for records in batch.values() for record in records]

    async def _do(self, record: ConsumerRecord) -> None:
        wanted = wanted_by(record)
        if wanted is not None and wanted.mint not in self._known:
            self._know(wanted.mint)
            await self._publish(await self._document(wanted.mint, wanted.uri))
        self._done_of(record).end(record.offset)

    def _done_of(self, record: ConsumerRecord) -> Done:
        return self._done[TopicPartition(record.topic, record.partition)]

    def _know(self, mint: Mint) -> None:
        self._known[mint] = None
        if len(self._known) > KNOWN_MAX:
            del self._known[next(iter(self._known))]

    async def _document(self, mint: Mint, uri: str) -> Metadata:
        """Return the document behind *uri*, or in the end the error that stands for it."""
        began, attempt = time.monotonic(), 0
        while True:
            async with self._slots:
                found = await self._fetcher.fetch(uri, attempt=attempt)
            now = int(time.time())
            if isinstance(found, bytes):
                document = read_document(mint, uri, found, fetched_at=now)
                if document.error is None:
                    return document
                found = Failed("content", document.error)
            wait_s = retry_in(
                found,
                attempt=attempt,
                elapsed_s=time.monotonic() - began,
                settings=self._settings,
            )
            log.debug("no document of %s: %s", mint, found.reason)
            if wait_s is None:
                return no_document(mint, uri, f"{found.cause}: {found.reason}", fetched_at=now)
            await asyncio.sleep(wait_s)
            attempt += 1

    async def _publish(self, document: Metadata) -> None:
        value = msgspec.json.encode(document)
        await self._producer.send_and_wait(METADATA.name, value, key=document.mint.encode())

    async def _commit(self) -> None:
        """Commit up to the first token of each topic that is not done."""
        news = {place: done.news() for place, done in self._done.items()}
        offsets = {place: offset for place, offset in news.items() if offset is not None}
        if offsets:
            await self._consumer.commit(offsets)


def wanted_by(record: ConsumerRecord) -> Wanted | None:
    """Return what is to be fetched for a record; None: it names no document, or is unreadable."""
    is_launch = record.topic == LAUNCHES.name
    try:
        return _launched(record.value) if is_launch else _read(record.value)
    except (msgspec.DecodeError, UnicodeDecodeError, UnreadableError) as error:
        log.warning("%s at offset %s cannot be read: %s", record.topic, record.offset, error)
        return None


def _launched(value: bytes | None) -> Wanted | None:
    claim = msgspec.json.decode(value or b"", type=LaunchClaim)
    return Wanted(claim.launch.mint, claim.launch.uri) if claim.op is Op.APPLY else None


def _read(value: bytes | None) -> Wanted | None:
    """Return where accounts say the document is; many mints have no metadata."""
    standing = standing_of(msgspec.json.decode(value or b"", type=AccountsRead))
    return Wanted(standing.mint, standing.uri) if standing.uri else None
