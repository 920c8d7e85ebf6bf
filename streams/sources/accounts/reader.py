"""wanted -> accounts: reads the accounts of tokens whose launch nobody has seen, from nodes."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress

import msgspec
from aiohttp import ClientSession, DummyCookieJar
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from domain.errors import BtrackerError
from schemas.accounts import AccountsRead, Wanted
from schemas.fields import Mint
from schemas.progress import Counts, Progress
from schemas.topics import ACCOUNTS, PROGRESS, WANTED
from streams.cloud_events import cloud_event
from streams.sources.accounts import metrics
from streams.sources.accounts.asking import TOKENS_MAX, answers, get_accounts
from streams.sources.accounts.settings import AccountSettings
from streams.sources.solana.pool import Pool, UnansweredError, open_pool
from streams.sources.solana.settings import SolanaSettings

WANTED_IN = TopicPartition(WANTED.name, 0)
POLL_MS = 200
RETRY_FIRST_S, RETRY_MOST_S = 1.0, 60.0
KNOWN_MAX = 200_000
NAME, KIND = "solana:accounts", "accounts"

log = logging.getLogger(__name__)


async def run_account_reader(
    settings: AccountSettings, solana: SolanaSettings, stop: asyncio.Event
) -> None:
    """Read the accounts of every token that is asked for, until *stop*.

    A token is committed after its accounts are in Kafka, so what was under way is read again.

    Raises:
        UsageError: a node is written wrong.
        BtrackerError: Kafka cannot be reached, or did not take a record.
    """
    try:
        await _run(settings, solana, stop)
    except KafkaError as error:
        raise BtrackerError(
            f"The Kafka at {settings.cluster} failed the reader of accounts: {error!r}."
        ) from error


async def _run(settings: AccountSettings, solana: SolanaSettings, stop: asyncio.Event) -> None:
    consumer = AIOKafkaConsumer(
        **settings.cluster.options,
        group_id=settings.account_group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(**settings.cluster.options, acks="all")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(consumer.stop)
        stack.push_async_callback(producer.stop)
        await consumer.start()
        await producer.start()
        session = await stack.enter_async_context(
            ClientSession(cookie_jar=DummyCookieJar(), trust_env=False)
        )
        consumer.assign([WANTED_IN])
        await Reader(open_pool(solana, session), consumer, producer).run(stop)


class Reader:
    """Takes what is wanted in, batch by batch; a batch is asked for until it is answered."""

    def __init__(self, pool: Pool, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> None:
        self._pool, self._consumer, self._producer = pool, consumer, producer
        self._read: dict[Mint, None] = {}
        self._counts = Counts()
        self._said: Progress | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until *stop*."""
        await self._report("running", "0 tokens")
        while not stop.is_set():
            batch = await self._consumer.getmany(
                WANTED_IN, timeout_ms=POLL_MS, max_records=TOKENS_MAX
            )
            records: Sequence[ConsumerRecord] = batch.get(WANTED_IN, ())
            if records and await self._take(records, stop):
                await self._consumer.commit({WANTED_IN: records[-1].offset + 1})
        await self._report("done", "no longer read")

    async def _take(self, records: Sequence[ConsumerRecord], stop: asyncio.Event) -> bool:
        """Publish the accounts of a batch; return whether that was done before *stop*."""
        said = {one.mint: one for record in records if (one := _wanted(record))}
        wanted = [one for one in said.values() if one.mint not in self._read]
        metrics.TOKENS.labels("known").inc(len(said) - len(wanted))
        if not wanted:
            return True
        found = await self._until_answered(wanted, stop)
        if found is None:
            return False
        for answer in found:
            await self._publish(answer)
        self._counts = Counts(
            seen=self._counts.seen + len(found), applied=self._counts.applied + len(found)
        )
        await self._report("running", f"{self._counts.applied:,} tokens")
        return True

    async def _until_answered(
        self, wanted: Sequence[Wanted], stop: asyncio.Event
    ) -> list[AccountsRead] | None:
        """Return what a node answers, however long it takes; None where *stop* came before."""
        wait_s = RETRY_FIRST_S
        while not stop.is_set():
            try:
                answer = await self._pool.ask(
                    get_accounts(wanted), lambda raw: answers(wanted, raw), slot=0
                )
            except UnansweredError as error:
                await self._report("stalled", str(error))
            else:
                return answer.value
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait_s)
            wait_s = min(RETRY_MOST_S, 2 * wait_s)
        return None

    async def _publish(self, found: AccountsRead) -> None:
        mint = found.wanted.mint
        await self._producer.send_and_wait(
            ACCOUNTS.name, msgspec.json.encode(found), key=mint.encode()
        )
        metrics.TOKENS.labels("read" if found.accounts[mint] else "absent").inc()
        self._read[mint] = None
        if len(self._read) > KNOWN_MAX:
            del self._read[next(iter(self._read))]

    async def _report(self, state: str, detail: str) -> None:
        """Say how the reader is, unless the same was said before."""
        progress = Progress(
            stage="collect", partition=0, source=NAME, kind=KIND, state=state, detail=detail,
            counts=self._counts,
        )  # fmt: skip
        if progress == self._said:
            return
        if state == "stalled":
            log.warning("No accounts: %s.", detail)
        self._said = progress
        key = f"collect:{NAME}:{KIND}"
        headers = cloud_event(
            PROGRESS, event_id=f"{key}:{state}:{self._counts.seen}", subject=NAME,
            slot=0, time=None, op="u",
        )  # fmt: skip
        await self._producer.send_and_wait(
            PROGRESS.name, msgspec.json.encode(progress), key=key.encode(), headers=list(headers)
        )


def _wanted(record: ConsumerRecord) -> Wanted | None:
    """Return what is wanted by a record of ours; what cannot be read cannot be asked for."""
    try:
        wanted = msgspec.json.decode(record.value or b"", type=Wanted)
        get_accounts([wanted])
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        metrics.TOKENS.labels("unreadable").inc()
        log.warning("request at offset %s cannot be read: %s", record.offset, error)
        return None
    return wanted
