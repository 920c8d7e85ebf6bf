"""Recovery: rows are brought up to the end of their changelogs before any work begins."""

import asyncio
import time
from collections.abc import Coroutine, Iterable, Mapping
from contextlib import suppress
from typing import Any, cast

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError
from faust.tables.manager import TableManager
from faust.tables.recovery import RebalanceAgain, Recovery, ServiceStopped
from faust.types import TP
from mode import Seconds, Service

from domain.errors import BtrackerError
from streams.changelogs import ChangelogReader, Tables
from streams.lines import Place
from streams.metrics import RECOVERY_SECONDS
from streams.table import RowTable

STILL_S = 60.0
"""A recovery that stands still for so long, or up to twice as long, will not go on."""


class OwnRecovery(Recovery):
    """Faust's recovery, with a consumer of its own for changelogs.

    Faust reads them with the consumer of the group, whose flow is stopped, sought and resumed, and
    whose queues are emptied, for other reasons too: what is dropped then is missing from a table
    without a word. It also knows nothing of rows that are in memory already.
    """

    app: Any
    _times_assigned = 0
    """The assignment that the partitions to be recovered are of."""

    async def on_rebalance(
        self,
        assigned: set[TP],
        revoked: set[TP],
        newly_assigned: set[TP],
        generation_id: int = 0,
    ) -> None:
        """Take note of partitions that were assigned, and of how often that has happened."""
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)
        self._times_assigned = self.app.consumer.times_assigned

    @Service.task
    async def _restart_recovery(self) -> None:
        """Recover whenever partitions have been assigned, then follow those of others."""
        while not await self.wait_for_stopped(cast("Any", self.signal_recovery_start)):
            self.signal_recovery_start.clear()
            # Partitions are assigned anew, the worker stops, or both are about to be known.
            with suppress(RebalanceAgain, ServiceStopped, IllegalStateError):
                await self._recover(self._generation_id, self._times_assigned)

    async def _wait(self, coro: Any, timeout: Seconds | None = None) -> None:  # noqa: ASYNC109
        """Wait for *coro*, unless partitions are assigned anew, or the worker stops.

        Raises:
            BtrackerError: it was not done in time. Faust takes that for a stop and waits for ever,
                a member of its group that does nothing.
        """
        try:
            await super()._wait(coro, timeout)
        except ServiceStopped:
            if self.should_stop:
                raise
            raise BtrackerError(f"what ends a recovery was not done in {timeout} s") from None

    async def _recover(self, generation_id: int, times_assigned: int) -> None:
        began = time.monotonic()
        self._set_recovery_started()
        try:
            await self._wait(self._patiently(self._restore(times_assigned)))
            self.app.consumer.begin(times_assigned)
            await self._wait(self.on_recovery_completed(generation_id))
            RECOVERY_SECONDS.set(time.monotonic() - began)
            await self._wait(self._follow())
        except (RebalanceAgain, ServiceStopped, IllegalStateError):
            raise
        except Exception as error:
            self.app.fail(error, stage="receiving")
            raise

    async def _patiently(self, restoring: Coroutine[Any, Any, None]) -> None:
        """Restore rows for as long as some come.

        Raises:
            BtrackerError: none came for too long; whoever starts anew asks anew.
        """
        task = asyncio.ensure_future(restoring)
        before: list[int | None] | None = None
        try:
            while not (await asyncio.wait({task}, timeout=STILL_S))[0]:
                mine = self._tables(self.active_tps)
                now = [table.through(tp.partition) for tp, table in mine.items()]
                if now == before:
                    raise BtrackerError(f"no rows were recovered for {STILL_S:.0f} s")
                before = now
            task.result()
        finally:
            task.cancel()

    async def _restore(self, times_assigned: int) -> None:
        """Bring the rows of our partitions up to the end of their changelogs."""
        mine = self._tables(self.active_tps | self.standby_tps)
        # What nobody takes holds up every fetch from the same broker, for 0.1 s a partition.
        await self.app.consumer.hush(set(mine))
        await self.app.checkpoints.keep({_source(tp, table) for tp, table in mine.items()})
        fresh = _fresh(mine)
        behind = {tp for tp in self.active_tps if not self.app.is_current(tp)}
        if fresh or behind:
            async with ChangelogReader(self.app.settings) as reader:
                ends = await reader.ends([*(behind | fresh.keys())])
                await self._load(fresh, ends)
                for tp, table in fresh.items():
                    table.hold(tp.partition)
                await reader.catch_up({tp: mine[tp] for tp in behind}, ends)
        self.app.note_recovered(self.active_tps, times_assigned)

    async def _load(self, fresh: Tables, ends: Mapping[TopicPartition, int]) -> None:
        """Fill tables with what is on disk."""
        for place in sorted({_source(tp, table) for tp, table in fresh.items()}):
            some = [(tp, table) for tp, table in fresh.items() if _source(tp, table) == place]
            tables = [table for _, table in some]
            await self.app.checkpoints.load(place, tables, {tp.topic: ends[tp] for tp, _ in some})

    async def _follow(self) -> None:
        """Keep the rows of standby partitions warm until partitions are assigned anew."""
        tables = self._tables(self.standby_tps)
        if tables:
            async with ChangelogReader(self.app.settings) as reader:
                await reader.follow(tables)

    def _tables(self, places: Iterable[TP]) -> Tables:
        return {TopicPartition(*tp): cast("RowTable", self.tp_to_table[tp]) for tp in places}

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Let records flow only once partitions stand where they are to be read from.

        Faust lets them flow at once, then seeks, then empties the queues: what was fetched
        between the last two is never processed, and acknowledged with what follows.
        """
        self.app.consumer.stop_flow()
        await super().on_recovery_completed(generation_id)

    @Service.task
    async def _slurp_changelogs(self) -> None:
        """Do nothing: the consumer of the group brings no changelogs."""

    @Service.task
    async def _publish_stats(self) -> None:
        """Do nothing: metrics say how far a recovery is."""


def _fresh(tables: Tables) -> Tables:
    """Return the tables to be filled from the beginning, and make sure that nothing is in them.

    Those of one source have one checkpoint: where one of them has no rows, none is believed.
    """
    unread = {_source(tp, t) for tp, t in tables.items() if t.through(tp.partition) is None}
    fresh = {tp: table for tp, table in tables.items() if _source(tp, table) in unread}
    for tp, table in fresh.items():
        table.drop(tp.partition)
    return fresh


def _source(changelog: TopicPartition, table: RowTable) -> Place:
    """Return the partition that the rows of a changelog's partition come from."""
    return table.source.name, changelog.partition


class OwnTableManager(TableManager):
    """The stock table manager with our recovery."""

    async def on_start(self) -> None:
        """Begin at once; the stock one sleeps for a second, for tables declared late."""
        await self._update_channels()
        await self.recovery.start()

    @property
    def recovery(self) -> Recovery:
        """The recovery service."""
        if self._recovery is None:
            self._recovery = OwnRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery
