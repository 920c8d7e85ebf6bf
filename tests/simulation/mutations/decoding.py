"""What the decoder knows of a transaction, wrong."""

from typing import Any

import msgspec

import agents.decode_transactions as agent
from domain import signatures
from domain.decode import partition
from schemas.event import Op
from tests.simulation.mutations.registry import Patch, Patches, mutation

Decoder = partition.PartitionDecoder


@mutation("copies of a transaction are not recognised")
def _() -> Patches:
    real = signatures.decide
    return [Patch(partition, "decide", lambda _, record, **now: real(None, record, **now))]


@mutation("a retraction is ignored")
def _() -> Patches:
    real = signatures.decide

    def decide(row: Any, record: Any, **now: Any) -> Any:
        is_retracted = record.kind is signatures.Kind.RETRACTED
        return signatures.NOTHING if is_retracted else real(row, record, **now)

    return [Patch(partition, "decide", decide)]


@mutation("a retraction that comes before what it retracts is forgotten")
def _() -> Patches:
    real = signatures.decide

    def decide(row: Any, record: Any, **now: Any) -> Any:
        is_first = row is None and record.kind is signatures.Kind.RETRACTED
        return signatures.NOTHING if is_first else real(row, record, **now)

    return [Patch(partition, "decide", decide)]


@mutation("a retraction beats a confirmation")
def _() -> Patches:
    return [Patch(signatures, "is_applied", lambda kinds: bool(kinds) and "r" not in kinds)]


@mutation("a confirmation does not retract the copies in other slots")
def _() -> Patches:
    return [Patch(signatures, "_others_retracted", lambda *_: {})]


@mutation("a processed copy counts after a confirmation in another slot")
def _() -> Patches:
    return [Patch(signatures, "_final_elsewhere", lambda *_: False)]


@mutation("a corrected index is ignored")
def _() -> Patches:
    real = signatures._own_step

    def own_step(copies: Any, record: Any) -> Any:
        return tuple(step for step in real(copies, record) if step.op is not Op.REINDEX)

    return [Patch(signatures, "_own_step", own_step)]


@mutation("a confirmation is settled though its index is not exact")
def _() -> Patches:
    real = signatures._own_step

    def own_step(copies: Any, record: Any) -> Any:
        settled = record.kind is signatures.Kind.CONFIRMED
        steps = real(copies, record)
        return tuple(msgspec.structs.replace(step, settled=settled) for step in steps)

    return [Patch(signatures, "_own_step", own_step)]


@mutation("what a record does depends on what came after it")
def _() -> Patches:
    def before(copies: Any, position: Any) -> Any:
        firsts = {kind: getattr(copies, kind.value) for kind in signatures.Kind}
        return frozenset(k for k, first in firsts.items() if first not in {None, position})

    return [Patch(signatures, "_before", before)]


@mutation("the age of a record is judged by the newest clock")
def _() -> Patches:
    return [Patch(partition, "age_clock", lambda hours, *, at: hours[-1][2] if hours else 0)]


@mutation("what is too old counts all the same")
def _() -> Patches:
    real = signatures._log
    return [Patch(signatures, "_log", lambda r: msgspec.structs.replace(real(r), op=Op.APPLY))]


@mutation("signatures are forgotten within the hour")
def _() -> Patches:
    real = Decoder._forget

    def forget(self: Any, run: Any) -> None:
        kept, self._retention_s = self._retention_s, 0
        real(self, run)
        self._retention_s = kept

    return [Patch(Decoder, "_forget", forget)]


@mutation("signature rows are not written")
def _() -> Patches:
    real = Decoder.take

    def take(self: Any, records: Any) -> Any:
        return msgspec.structs.replace(real(self, records), signatures={})

    return [Patch(Decoder, "take", take)]


@mutation("all events of a record have one raw position")
def _() -> Patches:
    real = Decoder.position
    return [Patch(Decoder, "position", lambda self, offset, _: real(self, offset, 0))]


@mutation("what is delivered again is counted again")
def _() -> Patches:
    def count(self: Any, name: str, by: int = 1) -> None:
        self._counts[name] += by

    return [Patch(partition._Run, "_count", count)]


@mutation("duplicates are counted as applied")
def _() -> Patches:
    real = partition._Run._count

    def count(self: Any, name: str, by: int = 1) -> None:
        real(self, "applied" if name == "duplicate" else name, by)

    return [Patch(partition._Run, "_count", count)]


@mutation("dead letters are lost")
def _() -> Patches:
    return [Patch(agent, "dead_letters", lambda *_: [])]


@mutation("a record under another key is not sent where it belongs")
def _() -> Patches:
    return [Patch(agent, "readdressed", lambda *_: iter(()))]


@mutation("clocks go to one partition only")
def _() -> Patches:
    real = agent.outputs

    def outputs(decoded: Any) -> Any:
        return (one for one in real(decoded) if one.key != b"clock" or one.partition == 0)

    return [Patch(agent, "outputs", outputs)]


@mutation("clocks overtake the events before them")
def _() -> Patches:
    real = agent.outputs
    return [Patch(agent, "outputs", lambda decoded: sorted(real(decoded), key=_is_no_clock))]


def _is_no_clock(output: Any) -> bool:
    return output.key != b"clock"
