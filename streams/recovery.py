"""Recovery that also ends when the last records of a changelog are not there to be read."""

from collections.abc import Mapping
from typing import Any

from aiokafka.errors import IllegalStateError
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.types import TP
from mode import Service

LOOK_INTERVAL_S = 0.1


class PatientRecovery(Recovery):
    """Faust waits for the record before the high water mark, for ever if there is none.

    There is none when compaction removed it, or when the last thing written is the marker of a
    transaction. Whoever has read up to there is done.
    """

    app: Any

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Let records flow only once partitions stand where they are to be read from.

        Faust lets them flow at once, then seeks, then empties the queues: what was fetched
        between the last two is never processed, and acknowledged with what follows.
        """
        consumer = self.app.consumer
        consumer.stop_flow()
        await super().on_recovery_completed(generation_id)
        await consumer.hush({tp for tp in consumer.assignment() if self._is_changelog_tp(tp)})

    def _set_recovery_started(self) -> None:
        """Begin anew: an end that was signalled while nobody waited for it is not this one's."""
        self.signal_recovery_end.clear()
        super()._set_recovery_started()

    @Service.task
    async def _pass_over_holes(self) -> None:
        before: Mapping[TP, int] = {}
        while not self.should_stop:
            await self.sleep(LOOK_INTERVAL_S)
            stuck = await self._stuck() if self.in_recovery else {}
            # Twice, because what was fetched just now is on its way through a queue.
            for tp in stuck.keys() & before.keys():
                self.active_offsets[tp] = stuck[tp]
            if stuck and not self.need_recovery():
                self._end()
            before = stuck

    def _end(self) -> None:
        """End recovery as Faust does after the last record; it would look again in 5 s."""
        self.flush_buffers()
        self._set_recovery_ended()
        self.signal_recovery_end.set()

    async def _stuck(self) -> dict[TP, int]:
        """Return the partitions read to their end without meeting their last record."""
        if not self.tables.changelog_queue.empty():
            return {}
        highwaters = dict(self.active_highwaters)
        # Between two assignments Faust knows of a changelog, and not yet how far it has been read.
        waiting = [tp for tp, last in highwaters.items() if self._read(tp) < last]
        positions = {tp: await self._position(tp) for tp in waiting}
        return {tp: highwaters[tp] for tp in waiting if positions[tp] > highwaters[tp]}

    async def _position(self, tp: TP) -> int:
        try:
            return await self.app.consumer.position(tp) or 0
        except IllegalStateError:
            return 0  # It went to another worker a moment ago.

    def _read(self, tp: TP) -> int:
        offset = self.active_offsets.get(tp)
        return -1 if offset is None else offset


class PatientTableManager(TableManager):
    """The stock table manager with our recovery."""

    async def on_start(self) -> None:
        """Begin at once; the stock one sleeps for a second, for tables declared late."""
        await self._update_channels()
        await self.recovery.start()

    @property
    def recovery(self) -> Recovery:
        """The recovery service."""
        if self._recovery is None:
            self._recovery = PatientRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery
