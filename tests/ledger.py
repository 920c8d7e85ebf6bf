"""What a recorded transaction did to balances, as its own meta states it."""

import json
from collections import Counter
from typing import Any

from domain.decode import parse_transaction
from tests.shared import recorded

RENT_PER_BYTE, RENT_OVERHEAD = 6960, 128
"""Lamports that keep an account of a byte for ever. Source: Solana's documentation of rent."""


def rent(size: int) -> int:
    """Return the lamports that an account of *size* bytes has to hold."""
    return (RENT_OVERHEAD + size) * RENT_PER_BYTE


def meta(name: str) -> dict[str, Any]:
    """Return the meta of a recorded transaction in one of RPC's shapes."""
    file = json.loads(recorded(name))
    return file.get("result", file)["meta"]


def lamports(name: str) -> Counter[str]:
    """Return how many lamports each account won or lost."""
    stated, keys = meta(name), parse_transaction(recorded(name)).keys
    sides = zip(keys, stated["preBalances"], stated["postBalances"], strict=True)
    return Counter({key: after - before for key, before, after in sides})


def tokens(name: str) -> Counter[tuple[str, str]]:
    """Return how much each owner's balance of each mint changed."""
    moved: Counter[tuple[str, str]] = Counter()
    for sign, side in ((1, "postTokenBalances"), (-1, "preTokenBalances")):
        for balance in meta(name)[side]:
            amount = int(balance["uiTokenAmount"]["amount"])
            moved[balance["owner"], balance["mint"]] += sign * amount
    return moved


def held(name: str, account: str, *, side: str) -> int:
    """Return what a token account held on one side, ``pre`` or ``post``, 0 if it was not there."""
    keys = parse_transaction(recorded(name)).keys
    return sum(
        int(balance["uiTokenAmount"]["amount"])
        for balance in meta(name)[f"{side}TokenBalances"]
        if keys[balance["accountIndex"]] == account
    )


def owned(name: str, owner: str, mint: str) -> int:
    """Return how much of *mint* all accounts of *owner* hold after the transaction."""
    return sum(
        int(balance["uiTokenAmount"]["amount"])
        for balance in meta(name)["postTokenBalances"]
        if (balance["owner"], balance["mint"]) == (owner, mint)
    )
