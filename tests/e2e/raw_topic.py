"""The raw topic of the chain against the chain itself: what a collector has said, and when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from tests.node.chain import Chain

FINAL = {"confirmed", "indexed"}


class Said(NamedTuple):
    """One raw record of a transaction."""

    kind: str
    slot: int
    signature: str
    index: int


def said(record: Any) -> Said:
    """Return what a raw record says."""
    headers = dict(record.headers)
    slot = msgspec.json.decode(record.value, type=dict[str, msgspec.Raw])["slot"]
    return Said(
        headers["bt_kind"].decode(), int(bytes(slot)), record.key.decode(), int(headers["bt_index"])
    )


def faults_of(records: Iterable[Any], chain: Chain, *, since: int) -> list[str]:
    """Return one sentence for everything that is not as the chain has it, from a slot on.

    *records* are those of all partitions, each in its order, clocks among them.
    """
    by_partition: dict[int, list[Any]] = defaultdict(list)
    for record in records:
        by_partition[record.partition].append(record)
    told = {number: list(_told(mine)) for number, mine in by_partition.items()}
    everything = [one for mine in told.values() for one in mine if isinstance(one, Said)]
    return [
        *_wrong_places(everything, chain),
        *_missing(everything, chain, since=since),
        *_wrong_order(everything, chain),
        *_standing(everything, chain),
        *(fault for number, mine in told.items() for fault in _early(mine, chain, number, since)),
    ]


def _told(records: Iterable[Any]) -> Iterator[Said | int]:
    """Yield what was said, and the slot through which each clock says that all was."""
    for record in records:
        if record.key == b"clock":
            yield msgspec.json.decode(record.value)["complete"]
        else:
            yield said(record)


def _wrong_places(everything: Iterable[Said], chain: Chain) -> Iterator[str]:
    for one in everything:
        place = chain.located.get(one.signature)
        if one.kind in FINAL and (place is None or place.slot != one.slot):
            yield f"{one} is not on the chain"
        if one.kind == "indexed" and place is not None and place.index != one.index:
            yield f"{one} stands at {place.index}"


def _missing(everything: Iterable[Said], chain: Chain, *, since: int) -> Iterator[str]:
    final = {one.signature for one in everything if one.kind in FINAL}
    for signature, place in chain.located.items():
        if place.slot >= since and signature not in final:
            yield f"{signature} of slot {place.slot} was never said"


def _wrong_order(everything: Iterable[Said], chain: Chain) -> Iterator[str]:
    """Yield slots whose indexes, the last that counts of each, give another order."""
    index: dict[int, dict[str, tuple[bool, int]]] = defaultdict(dict)
    for one in everything:
        if one.kind in FINAL:
            known = index[one.slot].get(one.signature)
            if known is None or (one.kind == "indexed" and not known[0]):
                index[one.slot][one.signature] = (one.kind == "indexed", one.index)
    for slot, known in index.items():
        by_index = sorted(known, key=lambda signature: (known[signature][1], signature))
        if by_index != sorted(known, key=lambda signature: chain.located[signature].index):
            yield f"slot {slot} is told in the order {by_index}"


def _standing(everything: Iterable[Said], chain: Chain) -> Iterator[str]:
    """Yield what was processed, is not on the chain, and was neither retracted nor moved."""
    kinds: dict[tuple[int, str], set[str]] = defaultdict(set)
    for one in everything:
        kinds[one.slot, one.signature].add(one.kind)
    final = {one.signature for one in everything if one.kind in FINAL}
    for (slot, signature), known in kinds.items():
        if known == {"processed"} and signature not in final:
            yield f"{signature} of slot {slot} was processed and is still standing"


def _early(told: list[Said | int], chain: Chain, partition: int, since: int) -> Iterator[str]:
    """Yield clocks that say more than was said before them in their partition."""
    mine = {one.signature for one in told if isinstance(one, Said)}
    slots = sorted(
        (chain.located[s].slot, s)
        for s in mine
        if s in chain.located and chain.located[s].slot >= since
    )
    final, place = set[str](), 0
    for one in told:
        if isinstance(one, Said):
            final |= {one.signature} if one.kind in FINAL else set()
            continue
        while place < len(slots) and slots[place][0] <= one:
            if slots[place][1] not in final:
                yield f"partition {partition} is complete through {one}, but {slots[place]} is late"
            place += 1
