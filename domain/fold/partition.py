"""events -> tokens, trades, candles, holders, lifecycle, progress: the fold of one partition."""

from collections.abc import Sequence

from domain.fold.call import Blanks, Call
from domain.fold.clock import PartitionClock
from domain.fold.fence import widened
from domain.fold.index import Index
from domain.fold.state import Folded, Overlays, Publication, Tables
from domain.fold.sweep import Sweeper
from domain.fold.tell import stated, told_event, told_token
from domain.fold.wanted import Lacking
from schemas.chain_events import Balances
from schemas.event import Event, OnChain


class PartitionFold:
    """Folds the events of one partition into its rows, and says what becomes public.

    The only thing here with a state: indexes of the rows, in memory, and the clock. It is made
    from the rows, and whoever makes it stores the rows of each call before the next.
    """

    def __init__(
        self,
        tables: Tables,
        *,
        partition: int,
        raw_partitions: int,
        events_epoch: int,
        retention_s: int,
    ) -> None:
        """Rebuild everything from *tables*.

        *events_epoch* is the creation time of the events topic in microseconds since 2026. Rows
        are kept *retention_s* seconds of chain time beyond the widest window.
        """
        self._tables = tables
        self._partition = partition
        self._epoch = events_epoch
        self._blanks = Blanks(widened((), raw_partitions))
        self._clock = PartitionClock(
            tables.clocks.get(str(partition)),
            raw_partitions=raw_partitions,
            events_epoch=events_epoch,
        )
        self._index = Index.of_rows(tables, self._clock)
        self._lacking = Lacking()
        self._sweeper = Sweeper(tables, self._index, retention_s=retention_s)

    def fold(self, records: Sequence[tuple[int, Event | None]]) -> Folded:
        """Fold *records*, each with its offset, in the order of offsets.

        None in an event's place is a record that went to the dead letters, to be counted. Records
        delivered before change nothing, but the state that they touch is told and written again.
        They themselves are told once: the clock row that counts them is written after what they
        told, and told again, what was retracted since would seem to stand.
        """
        rows = Overlays(self._tables)
        call = Call(rows, self._index, self._clock, blanks=self._blanks)
        new = [
            stated(event, call.known)
            for offset, event in records
            if call.take(offset, event) and type(event) is OnChain
        ]
        for event in new:
            self._lacking.see(event, self._index)
        told = [told_event(event) for event in new if type(event.event) is not Balances]
        publications = [one for one in told if one is not None]
        call.close()
        self._tick(call)
        publications += self._told(call)
        wanted = self._lacking.wanted(self._clock.complete, call.known)
        self._sweeper.sweep(rows, complete_time=self._clock.complete_time, records=len(records))
        return Folded(
            curves=rows.curves,
            buckets=rows.buckets,
            candles=rows.candles,
            traders=rows.traders,
            accounts=rows.accounts,
            lives=rows.lives,
            facts=rows.facts,
            clock={str(self._partition): self._clock.row()},
            publications=publications,
            progress=self._clock.progress(
                partition=self._partition, tokens=len(self._index.tokens)
            ),
            wanted=wanted,
        )

    def _tick(self, call: Call) -> None:
        """Have everything told that the clock has changed by itself."""
        if call.ticked < 0:
            return
        for mint in self._index.due(self._clock.time):
            call.tell(mint, call.ticked)
        for mint, start in self._index.closing(self._clock.complete_time):
            call.tell_minute(mint, start, call.ticked)

    def _told(self, call: Call) -> list[Publication]:
        told: list[Publication] = []
        for mint, touched in call.tokens.items():
            token = self._index.token(mint)
            told += told_token(
                self._index.known(mint, call.rows),
                token,
                touched,
                rows=call.rows,
                clock=self._clock,
                epoch=self._epoch,
            )
            self._index.schedule(mint, token)
        return told
