"""What an owner holds of a token, over all its accounts: kept as a document; pure.

A sum needs all accounts of an owner, and a search would not find those of a moment ago. So the
document of a holding carries its accounts, each with its version; one that went elsewhere stays
as a mark, so that an older state of it is not counted again.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from domain.order import order_key
from schemas.public import HolderRecord
from views.answers import holding
from views.elastic.entries import Entry
from views.writes import Write


class Part(msgspec.Struct, frozen=True, array_like=True):
    """What one account adds to a holding; ``is_gone``: it is no longer the owner's."""

    version: int
    base_units: str = "0"
    amount: str | None = None
    is_gone: bool = False


Parts = Mapping[str, Part]
"""By account."""


class Owned(NamedTuple):
    """What a holding is the holding of."""

    mint: str
    owner: str

    @property
    def key(self) -> str:
        """The id of its document."""
        return f"{self.mint}:{self.owner}"


class HoldingEntry(Entry, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``sort`` is the sum, none where it is 0; ``amount`` is null where one is unknown."""

    mint: str
    owner: str
    sort: str | None = None
    amount: str | None = None
    accounts: dict[str, Any]


def changes(
    writes: Iterable[Write[HolderRecord]], known: Mapping[str, tuple[str, int]]
) -> dict[Owned, dict[str, Part]]:
    """Return what *writes* change in holdings; *known*: owner and version of accounts by key."""
    found: dict[Owned, dict[str, Part]] = {}
    for write in writes:
        mint, _, account = write.key.partition(":")
        owner, version = known.get(write.key, ("", -1))
        if version > write.version:
            continue
        if owner:
            found.setdefault(Owned(mint, owner), {})[account] = Part(write.version, is_gone=True)
        if write.record is not None:
            part = Part(write.version, write.record.base_units, write.record.amount)
            found.setdefault(Owned(mint, write.record.owner), {})[account] = part
    return found


def merged(before: Parts, new: Parts) -> dict[str, Part]:
    """Return the parts of a holding after a change; an older state changes nothing."""
    newer = {
        account: part
        for account, part in new.items()
        if account not in before or before[account].version <= part.version
    }
    return {**before, **newer}


def entry(owned: Owned, parts: Parts) -> HoldingEntry:
    """Return the document of a holding."""
    units, amount = holding(part for part in parts.values() if not part.is_gone)
    return HoldingEntry(
        key=owned.key,
        standing=units > 0,
        mint=owned.mint,
        owner=owned.owner,
        sort=order_key(units) if units else None,
        amount=amount,
        accounts=dict(parts),
    )
