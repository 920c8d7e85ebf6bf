"""Raw records of one partition -> events, launches, clocks: what the decoder of a partition does.

What a record emits depends on it and on smaller offsets only, so records that come again after a
crash emit the same again, and the fences of the fold recognise it.
"""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence

import msgspec

from domain.amounts import timestamp
from domain.decode.again import NOTHING_WITHHELD, Copy, Withheld, again_of, copy_of
from domain.decode.ages import advanced, age_clock
from domain.decode.chunk import DecodedChunk, Readdressed, Refused
from domain.decode.decoding import Decoded, Outcome, decode_all
from domain.decode.program import UNKNOWN, Found
from domain.decode.raw import RawDelivery, Stamp, stamp_of, tick_of
from domain.errors import UnreadableError
from domain.signatures import RawRecord, Step, decide
from schemas.chain_events import Config, Launch, Other, Trade
from schemas.claim import LaunchClaim
from schemas.event import Clock, OnChain, Op
from schemas.fields import Mint, Signature
from schemas.limits import CHUNKS_IN_FLIGHT
from schemas.place import Place, RawPosition
from schemas.progress import Counts, Progress
from schemas.rows import DecodeRow, RawPlace, SignatureRow

HOUR_S = 3_600


class PartitionDecoder:
    """The decoder of one raw partition; remembers only when signatures may be forgotten.

    *withheld*: what an earlier version could not decode at first, for whoever recounts.
    """

    def __init__(
        self,
        signatures: Mapping[Signature, SignatureRow],
        rows: Mapping[str, DecodeRow],
        *,
        partition: int,
        epoch: int,
        retention_s: int,
        withheld: Withheld = NOTHING_WITHHELD,
    ) -> None:
        self._signatures, self._rows, self._withheld = signatures, rows, withheld
        self.partition, self.epoch, self._retention_s = partition, epoch, retention_s
        self._calls = deque[RawPlace](maxlen=CHUNKS_IN_FLIGHT)
        self._by_hour = defaultdict[int, list[Signature]](list)
        for signature, row in signatures.items():
            self._by_hour[row.time // HOUR_S].append(signature)

    def take(self, records: Sequence[RawDelivery]) -> DecodedChunk:
        """Return everything *records*, in the order of their offsets, cause."""
        run = _Run(self, self._rows.get(str(self.partition), DecodeRow()))
        if records:
            self._calls.append((self.epoch, records[0].offset))
        withheld = [self.withheld(record) for record in records]
        decoded = decode_all([record.value for record in records], withheld)
        for record, outcome in zip(records, decoded, strict=True):
            run.take(record, outcome)
        self._forget(run)
        return run.result()

    def known(self, signature: Signature) -> SignatureRow | None:
        """Return what the table knows of a transaction."""
        return self._signatures.get(signature)

    def withheld(self, record: RawDelivery) -> frozenset[str]:
        """Return the paths of a record that were decoded only when it came again."""
        later = self._withheld.get(record.key or b"", {}) if self._withheld else {}
        return frozenset(path for path, offset in later.items() if record.offset < offset)

    def is_old(self, record: RawRecord, hours: tuple[tuple[int, int, int], ...]) -> bool:
        """Say whether a record is older than what counts."""
        return record.time + self._retention_s < age_clock(hours, at=record.position)

    def judge(
        self, record: RawRecord, row: SignatureRow | None, hours: tuple[tuple[int, int, int], ...]
    ) -> tuple[SignatureRow | None, tuple[Step, ...]]:
        """Return the row a record leaves (None: as it was) and its steps."""
        head_time = age_clock(hours, at=record.position)
        return decide(row, record, head_time=head_time, retention_s=self._retention_s)

    def remember(self, signature: Signature, row: SignatureRow) -> None:
        """Note when a signature may be forgotten."""
        self._by_hour[row.time // HOUR_S].append(signature)

    def position(self, offset: int, ordinal: int) -> RawPosition:
        """Return a raw position in this partition."""
        return RawPosition(self.partition, self.epoch, offset, ordinal)

    @property
    def oldest(self) -> RawPlace:
        """The position from which on a record may come again without having been durable."""
        return self._calls[0] if len(self._calls) == CHUNKS_IN_FLIGHT else (0, -1)

    def _forget(self, run: "_Run") -> None:
        """Delete the rows whose every copy would be judged too old to count."""
        until = age_clock(run.hours, at=self.oldest) - self._retention_s
        for hour in sorted(hour for hour in self._by_hour if (hour + 1) * HOUR_S <= until):
            for signature in self._by_hour.pop(hour):
                row = run.rows.get(signature) or self.known(signature)
                if row is not None and row.time // HOUR_S <= hour:
                    run.rows[signature] = None


class _Run:
    """One call of ``take``: what has been found so far."""

    def __init__(self, decoder: PartitionDecoder, row: DecodeRow) -> None:
        self._decoder, self._before = decoder, row
        self.hours = row.hours
        self.rows: dict[Signature, SignatureRow | None] = {}
        self.offset = -1
        self._is_new = True
        self._head = (row.head_time, row.head_slot, row.complete)
        self._counts = defaultdict[str, int](int)
        self._events: list[tuple[Mint | None, OnChain | Clock]] = []
        self._launches: list[LaunchClaim] = []
        self._configs: list[Config] = []
        self._refused: list[Refused] = []
        self._readdressed: list[Readdressed] = []
        self._unknown = defaultdict[str, int](int)

    def take(self, record: RawDelivery, decoded: Outcome) -> None:
        """Take one record: a clock, or a transaction that is applied, a duplicate, or refused."""
        self.offset = record.offset
        self._is_new = (self._decoder.epoch, record.offset) > self._before.through
        try:
            stamp = stamp_of(record.headers)
            if stamp is None:
                self._clock(record)
                return
            if isinstance(decoded, UnreadableError):
                raise decoded
            outcome = self._transaction(record, stamp, decoded)
        except UnreadableError as error:
            self._refused.append(Refused(record.offset, str(error)))
            outcome = "dead_lettered"
        self._count("seen")
        self._count(outcome)

    def _count(self, name: str, by: int = 1) -> None:
        """Count, unless the record was counted before it was delivered again."""
        if self._is_new:
            self._counts[name] += by

    def _clock(self, record: RawDelivery) -> None:
        """Pass a source's clock on to every partition."""
        tick = tick_of(record.value)
        self._head = (
            max(self._head[0], tick.time),
            max(self._head[1], tick.slot),
            max(self._head[2], tick.complete),
        )
        at = self._decoder.epoch, record.offset
        self.hours = advanced(self.hours, at=at, time=self._head[0], oldest=self._decoder.oldest)
        position = self._decoder.position(record.offset, 0)
        self._events.append((None, Clock(position, tick.time, tick.slot, tick.complete)))

    def _transaction(self, record: RawDelivery, stamp: Stamp, decoded: Decoded) -> str:
        """Take one transaction and return the name of what became of it."""
        if record.key != decoded.signature.encode():
            self._readdressed.append(Readdressed(record.offset, decoded.signature))
            return "not_ours"
        if not decoded.ours:
            return "not_ours"
        raw = self._raw(record, stamp, decoded)
        known = self.rows.get(decoded.signature) or self._decoder.known(decoded.signature)
        if known is None and raw.position <= self._before.through:
            # All it caused is durable, and its row has been forgotten since.
            return "duplicate"
        if stamp.again and (copy := copy_of(known, raw)):
            return self._again(decoded, copy, stamp.again)
        row, steps = self._decoder.judge(raw, known, self.hours)
        if row is None and not steps:
            return "duplicate"
        if row is not None:
            again = known.again if known else ()
            self.rows[decoded.signature] = msgspec.structs.replace(row, again=again)
            self._decoder.remember(decoded.signature, row)
        self._refuse_parts(decoded)
        self._count_unknown(decoded)
        self._count("failed", int(decoded.failed))
        self._count("archived", sum(step.op is Op.LOG for step in steps))
        self._emit(decoded, steps)
        return "applied"

    def _again(self, decoded: Decoded, copy: Copy, paths: frozenset[str]) -> str:
        """Emit what was not decoded when the transaction came first, and only that."""
        row, news, step = again_of(copy, paths)
        if step is None or not news or self._decoder.is_old(copy.record, self.hours):
            return "duplicate"
        self.rows[decoded.signature] = row
        found = tuple(one for one in decoded.events if one.path in news)
        self._emit(msgspec.structs.replace(decoded, events=found), (step,))
        return "applied"

    def _raw(self, record: RawDelivery, stamp: Stamp, decoded: Decoded) -> RawRecord:
        """Return the record as the signature table judges it.

        Raises:
            UnreadableError: it does not say in which slot, or when, the transaction ran.
        """
        if decoded.slot is None or decoded.time is None:
            raise UnreadableError("the transaction comes without a slot or a block time")
        index = stamp.index if stamp.index is not None else decoded.index
        position = self._decoder.epoch, record.offset
        return RawRecord(stamp.kind, decoded.slot, index or 0, stamp.exact, decoded.time, position)

    def _refuse_parts(self, decoded: Decoded) -> None:
        """Put instructions that could not be read on record; the others count all the same."""
        for part in decoded.unreadable:
            path = Place(0, 0, part.outer, part.inner, "").path
            self._refused.append(Refused(self.offset, f"instruction {path}: {part.reason}"))

    def _count_unknown(self, decoded: Decoded) -> None:
        """Count what a program that has been upgraded does, and no decoder knows."""
        for found in decoded.events:
            if isinstance(found.event, Other) and found.event.name.startswith(UNKNOWN):
                self._unknown[found.event.protocol] += 1

    def _emit(self, decoded: Decoded, steps: Sequence[Step]) -> None:
        """Emit a transaction's events once per step, each with its own ordinal."""
        ordinal = 0
        for step in steps:
            for found in decoded.events:
                self._emit_one(decoded.signature, step, found, ordinal)
                ordinal += 1

    def _emit_one(self, signature: Signature, step: Step, found: Found, ordinal: int) -> None:
        event, place = (
            found.event,
            Place(step.slot, step.index, found.outer, found.inner, signature),
        )
        if isinstance(event, Other) or (isinstance(event, Trade) and event.aside):
            return
        if isinstance(event, Config):
            self._configs.append(event)
            return
        at = self._decoder.position(self.offset, ordinal)
        on_chain = OnChain(step.op, at, place, step.time, step.settled, event)
        self._events.append((event.mint, on_chain))
        self._count("events")
        self._count("trades", int(isinstance(event, Trade)))
        if isinstance(event, Launch) and step.op in (Op.APPLY, Op.UNDO):
            self._launches.append(LaunchClaim(step.op, place, step.time, event))

    def result(self) -> DecodedChunk:
        """Return everything that was found."""
        row = self._row()
        return DecodedChunk(
            signatures=self.rows,
            row=row,
            events=self._events,
            launches=self._launches,
            configs=self._configs,
            refused=self._refused,
            readdressed=self._readdressed,
            unknown=self._unknown,
            progress=_progress(row, self._decoder.partition),
        )

    def _row(self) -> DecodeRow:
        before, counts = self._before, self._counts
        reached = (self._decoder.epoch, self.offset)
        counted = {name: getattr(before, name) + by for name, by in counts.items()}
        head_time, head_slot, complete = self._head
        return msgspec.structs.replace(
            before,
            through=max(before.through, reached),
            head_time=head_time,
            head_slot=head_slot,
            complete=complete,
            hours=self.hours,
            **counted,
        )


def _progress(row: DecodeRow, partition: int) -> Progress:
    """Return how far the decoder is in its partition."""
    names = ("seen", "applied", "duplicate", "not_ours", "dead_lettered")
    parts = ("failed", "archived", "events", "trades")
    return Progress(
        stage="decode",
        partition=partition,
        epoch=row.through[0],
        offset=row.through[1],
        head_slot=row.head_slot,
        chain_time=timestamp(row.head_time) if row.head_time else None,
        complete_through_slot=row.complete,
        counts=Counts(**{name: getattr(row, name) for name in (*names, *parts)}),
    )
