"""Writing a batch into Elasticsearch: document by document, what is refused told apart."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from domain.errors import BtrackerError, StoreError, UnreadableError
from schemas.public import HolderRecord
from views.elastic.ask import Asking
from views.elastic.bulk import Line, Refused, send
from views.elastic.entries import KINDS, document
from views.elastic.holdings import Owned, Part, changes, entry, merged
from views.elastic.layout import Layout
from views.elastic.names import Place, place_of
from views.writes import Batch, Rejected, RejectedError, Write, newest

GREATEST = 2**63 - 1
"""Of versions and whole numbers, here."""
LONGEST_KEY_BYTES = 512
TRIES = 20

_parts = msgspec.json.Decoder(dict[str, Part]).decode


async def put(ask: Asking, layout: Layout, batch: Batch) -> None:
    """Write everything in *batch*, progress last.

    Raises:
        RejectedError: some of it can never be written; all the rest was, but for progress.
        StoreError: it does not answer. What has been written by then stays, and does no harm.
    """
    lines, rejected = _lines(layout, batch)
    taken = {line.key for line in lines if line.place.noun == "holders"}
    await _put_holdings(ask, layout, [w for w in newest(batch.holders) if w.key in taken])
    ask.written(line.place.noun for line in lines)
    refused = await send(ask.elastic, layout.names, layout, lines)
    rejected += [_rejected(one) for one in refused if not one.is_conflict]
    if rejected:
        raise RejectedError(rejected)
    if batch.progress:
        # Whoever sees it must also find what it speaks of.
        await ask.refresh()
        last = [_line(Place("progress"), "progress", write) for write in newest(batch.progress)]
        refused = await send(ask.elastic, layout.names, layout, last)
        if found := [_rejected(one) for one in refused if not one.is_conflict]:
            raise RejectedError(found)
        await ask.refresh("progress")


def _lines(layout: Layout, batch: Batch) -> tuple[list[Line], list[Rejected]]:
    """Return the documents of a batch but for progress, and what cannot be one."""
    lines, rejected = list[Line](), list[Rejected]()
    for noun in KINDS:
        for write in newest(getattr(batch, noun)) if noun != "progress" else ():
            try:
                place = place_of(noun, write.key)
                if layout.is_kept(place):
                    lines.append(_line(place, noun, write))
            except (BtrackerError, ValueError, OverflowError) as error:
                rejected.append(Rejected(noun, write.key, write.version, str(error)))
    return lines, rejected


def _line(place: Place, noun: str, write: Write[Any]) -> Line:
    if not 0 <= write.version <= GREATEST:
        raise UnreadableError(f"{write.version} is no version.")
    if not 0 < len(write.key.encode()) <= LONGEST_KEY_BYTES:
        raise UnreadableError("Its key is too long.")
    rule = {"version": write.version, "version_type": "external_gte"}
    return Line(place, write.key, document(KINDS[noun], write), rule)


def _rejected(refused: Refused) -> Rejected:
    line = refused.line
    return Rejected(line.place.noun, line.key, line.rule["version"], refused.why)


async def _put_holdings(ask: Asking, layout: Layout, writes: Sequence[Write[HolderRecord]]) -> None:
    """Write what accounts change in holdings; before the accounts, which tell the old owners.

    Two writers cannot overwrite each other's: a holding is put only over the one that was read.
    """
    if not writes:
        return
    ask.written(["holdings"])
    known = await ask.by_id("holders", [write.key for write in writes], fields="owner")
    owners = {key: (one.source.owner, one.version) for key, one in known.items()}
    left: Mapping[Owned, Mapping[str, Part]] = changes(writes, owners)
    for number in range(TRIES):
        lines = await _holding_lines(ask, left)
        refused = await send(ask.elastic, layout.names, layout, lines)
        for one in refused:
            if not one.is_conflict:
                # No account may be told without it, so all wait for whoever mends that.
                raise StoreError(f"The holding {one.line.key} is not taken: {one.why}.")
        again = {one.line.key for one in refused}
        left = {owned: parts for owned, parts in left.items() if owned.key in again}
        if not left:
            return
        await asyncio.sleep(0.01 * number)
    raise StoreError("Somebody else writes the same holdings all the time.")


async def _holding_lines(ask: Asking, new: Mapping[Owned, Mapping[str, Part]]) -> list[Line]:
    found = await ask.by_id("holdings", [owned.key for owned in new], fields="accounts")
    lines = []
    for owned, parts in new.items():
        known = found.get(owned.key)
        before = _parts(known.source.accounts) if known else {}
        rule: dict[str, Any] = {"op_type": "create"}
        if known:
            rule = {"if_seq_no": known.seq_no, "if_primary_term": known.primary_term}
        body = msgspec.json.encode(entry(owned, merged(before, parts)))
        lines.append(Line(Place("holdings"), owned.key, body, rule))
    return lines
