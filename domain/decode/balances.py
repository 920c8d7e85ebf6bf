"""What a transaction's token balances tell: decimals, what a vault holds, who holds a mint."""

from collections.abc import Collection
from itertools import chain

from domain.decode.transaction import Transaction, address, amount_of
from schemas.chain_events import Balance, Balances
from schemas.fields import Address, BaseUnits, Decimals, Mint

KNOWN_DECIMALS: dict[Mint, Decimals] = {"So11111111111111111111111111111111111111112": 9}
"""Wrapped SOL, for transactions that touch no account of it.

Source: the mint account; it cannot change.
"""


def decimals_of(tx: Transaction, mint: Mint) -> Decimals | None:
    """Return the decimals of *mint* as the token balances state them, None where none does."""
    for balance in chain(tx.after or (), tx.before or (), tx.changes):
        if balance.mint == mint:
            return balance.decimals
    return KNOWN_DECIMALS.get(mint)


def mint_of(tx: Transaction, account: Address) -> Mint | None:
    """Return the mint of a token account as balances state it, None where none does.

    Raises:
        UnreadableError: it, or an account before it, is no address.
    """
    for balance in chain(tx.after or (), tx.before or (), tx.changes):
        if tx.named(balance.account) == account:
            return address(balance.mint)
    return None


def holding(tx: Transaction, account: Address) -> BaseUnits | None:
    """Return what a token account made in *tx* holds after it, None where that is not stated."""
    known = tx.changes if tx.after is None else tx.after
    return next((amount_of(one) for one in known if tx.named(one.account) == account), None)


def minted(tx: Transaction, mint: Mint) -> BaseUnits | None:
    """Return how much of *mint*, which *tx* made, there is after it; None where none is stated.

    Every account of a new mint was made or written in its first transaction.

    Raises:
        UnreadableError: an amount is none.
    """
    known = tx.changes if tx.after is None else tx.after
    held = [amount_of(balance) for balance in known if balance.mint == mint]
    return sum(held) if held else None


def balances_of(
    tx: Transaction, mint: Mint, *, vault_owners: Collection[Address]
) -> Balances | None:
    """Return the token accounts of *mint* after *tx*, in the order of the input.

    An account that is there only before has been closed and counts 0. Vaults are left out, and so
    are accounts of unknown owner. None where there is no account, or only changes are known.

    Raises:
        UnreadableError: an owner is no address.
    """
    latest = {b.account: b for b in tx.after or () if b.mint == mint}
    known = latest | {
        b.account: b for b in tx.before or () if b.mint == mint and b.account not in latest
    }
    held = [
        Balance(tx.named(b.account), address(b.owner), amount_of(b) if n in latest else 0)
        for n, b in known.items()
        if b.owner is not None and b.owner not in vault_owners
    ]
    return Balances(mint, tuple(held)) if held else None
