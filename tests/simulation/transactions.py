"""Transactions of Meteora DBC as a node answers them, written from what they did."""

import struct
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any, NamedTuple

import msgspec

from schemas.chain_events import Balance, Balances, ByMint, Complete, Launch, Migrate, Trade
from schemas.place import OUTER
from tests.unit.decode.scene import BELIEVE, DBC, POOL_AUTHORITY, WSOL
from tests.unit.fold.world import BASE_DECIMALS, QUOTE_DECIMALS

SUPPLY = 10**15
PROTOCOL = "meteora-dbc"
_CPI_EVENT = bytes.fromhex("e445a52e51cb9a1d")
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_TRIPLES = [a + b + c for a in _ALPHABET for b in _ALPHABET for c in _ALPHABET]

Found = tuple[int, int, ByMint]
"""Outer and inner index of the instruction that says it, and what it says."""


def base58(raw: bytes) -> str:
    """Return *raw* in base58, three digits at a time."""
    number, parts = int.from_bytes(raw, "big"), list[str]()
    while number:
        number, digits = divmod(number, 58**3)
        parts.append(_TRIPLES[digits])
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + "".join(reversed(parts)).lstrip("1")


@cache
def names(kind: str, count: int, size: int = 32) -> tuple[str, ...]:
    """Return *count* addresses (or signatures, of *size* 64), the same every time."""
    rng = Random(kind)
    return tuple(base58(b"\1" + rng.randbytes(size - 1)) for _ in range(count))


class Swap(NamedTuple):
    """A trade to be made: who, how much, and the curve after it."""

    mint: str
    trader: str
    is_buy: bool
    included: int
    output: int
    fee: int
    fee_in_base: bool
    sqrt_price: int
    states_reserve: bool
    completes: bool


class Held(NamedTuple):
    """What a token account holds afterwards; None: it was closed."""

    mint: str
    account: str
    owner: str
    amount: int | None


class Built(NamedTuple):
    """A transaction: what it says, and its JSON but for slot and block time."""

    signature: str
    found: tuple[Found, ...]
    body: bytes

    def raw(self, slot: int, time: int) -> bytes:
        """Return what a node answers if it ran in *slot*."""
        return b'{"slot":%d,"blockTime":%d,%s' % (slot, time, self.body)


class Builder:
    """Puts one transaction together, instruction by instruction."""

    def __init__(self, signature: str) -> None:
        self._signature = signature
        self._keys: list[str] = [names("payer", 1)[0]]
        self._outer: list[Any] = []
        self._inner: list[Any] = []
        self._found: list[Found] = []
        self._vaults: dict[str, int] = {}
        self._balances: tuple[list[Any], list[Any]] = ([], [])

    def launch(self, mint: str) -> None:
        """Launch *mint* on Believe."""
        texts = b"".join(struct.pack("<I", len(t)) + t.encode() for t in ("Name", "TICK", "uri"))
        data = _of("global", "initialize_virtual_pool_with_spl_token") + texts
        accounts = [self._any(n) for n in range(16)]
        accounts[0], accounts[2], accounts[3] = config_of(mint), names("creator", 1)[0], mint
        accounts[4], accounts[5], accounts[6] = WSOL, pool_of(mint), vault_of(mint)
        accounts[10] = BELIEVE
        outer = self._call(data, accounts)
        self._vaults[mint] = self._vaults.get(mint, 0) + SUPPLY
        said = Launch(
            mint, pool_of(mint), DBC, PROTOCOL, "believe", config_of(mint), names("creator", 1)[0],
            BELIEVE, "Name", "TICK", "uri", WSOL, BASE_DECIMALS, QUOTE_DECIMALS, SUPPLY, True,
        )  # fmt: skip
        self._found.append((outer, OUTER, said))

    def swap(self, swap: Swap) -> None:
        """Trade, and complete the curve where it says so."""
        mint, pool = swap.mint, pool_of(swap.mint)
        accounts = [self._any(n) for n in range(15)]
        accounts[0], accounts[1], accounts[2] = POOL_AUTHORITY, config_of(mint), pool
        accounts[7], accounts[8], accounts[9] = mint, WSOL, swap.trader
        outer = self._call(_of("global", "swap2"), accounts)
        self._event(_swap2(swap) if swap.states_reserve else _swap(swap))
        self._found.append((outer, 0, trade_of(swap)))
        if mint in self._vaults:
            self._vaults[mint] += -swap.output if swap.is_buy else swap.included
        if swap.completes:
            self._event(_of("event", "EvtCurveComplete") + struct.pack("<64x QQ", 5, 6))
            self._found.append((outer, 1, Complete(mint, pool, DBC, PROTOCOL, 5, 6)))

    def migrate(self, mint: str) -> None:
        """Move the liquidity of *mint* to an ordinary pool."""
        accounts = [self._any(n) for n in range(16)]
        accounts[0], accounts[4], accounts[13] = pool_of(mint), named("new pool", mint), mint
        outer = self._call(_of("global", "migration_damm_v2"), accounts)
        said = Migrate(mint, pool_of(mint), DBC, PROTOCOL, accounts[4], "meteora-damm-v2")
        self._found.append((outer, OUTER, said))

    def build(self, held: Sequence[Held]) -> Built:
        """Return the transaction that leaves token accounts with what is *held*."""
        for mint in dict.fromkeys(one[2].mint for one in self._found):
            self._state(mint, [one for one in held if one.mint == mint])
        before, after = self._balances
        message = {
            "accountKeys": self._keys,
            "header": {"numRequiredSignatures": 1},
            "instructions": self._outer,
        }
        meta = {
            "err": None,
            "innerInstructions": self._inner,
            "preTokenBalances": before,
            "postTokenBalances": after,
            "loadedAddresses": {"writable": [], "readonly": []},
        }
        body = {
            "meta": meta,
            "transaction": {"signatures": [self._signature], "message": message},
        }
        found = tuple(sorted(self._found, key=lambda one: one[:2]))
        return Built(self._signature, found, msgspec.json.encode(body)[1:])

    def _state(self, mint: str, held: Sequence[Held]) -> None:
        """State the balances of one mint, behind its last event."""
        before, after = self._balances
        vault = self._vaults.get(mint, 7)
        after.append(self._balance(mint, vault_of(mint), POOL_AUTHORITY, vault))
        held = sorted(held, key=lambda one: one.amount is None)  # Closed ones come last.
        for _, account, owner, amount in held:
            side = before if amount is None else after
            side.append(self._balance(mint, account, owner, amount or 1))
        if held:
            outer, inner = max(one[:2] for one in self._found if one[2].mint == mint)
            said = [Balance(account, owner, amount or 0) for _, account, owner, amount in held]
            self._found.append((outer, inner, Balances(mint, tuple(said))))

    def _balance(self, mint: str, account: str, owner: str, amount: int) -> Any:
        text = {"amount": str(amount), "decimals": BASE_DECIMALS}
        at = self._index(account)
        return {"accountIndex": at, "mint": mint, "owner": owner, "uiTokenAmount": text}

    def _call(self, data: bytes, accounts: Sequence[str]) -> int:
        self._outer.append(self._instruction(data, accounts))
        return len(self._outer) - 1

    def _event(self, data: bytes) -> None:
        outer = len(self._outer) - 1
        if not self._inner or self._inner[-1]["index"] != outer:
            self._inner.append({"index": outer, "instructions": []})
        self._inner[-1]["instructions"].append(self._instruction(_CPI_EVENT + data, ()))

    def _instruction(self, data: bytes, accounts: Sequence[str]) -> Any:
        program, indexes = self._index(DBC), [self._index(one) for one in accounts]
        return {"programIdIndex": program, "accounts": indexes, "data": base58(data)}

    def _any(self, number: int) -> str:
        return names("any", 16)[number]

    def _index(self, address: str) -> int:
        if address not in self._keys:
            self._keys.append(address)
        return self._keys.index(address)


def trade_of(swap: Swap) -> Trade:
    """Return the trade that a swap is."""
    mint, states = swap.mint, swap.states_reserve
    taken = swap.output + swap.fee * swap.fee_in_base
    quote, base = (swap.included, swap.output)[:: 1 if swap.is_buy else -1]
    return Trade(
        mint, pool_of(mint), DBC, PROTOCOL, "buy" if swap.is_buy else "sell", swap.trader,
        base, quote, -taken if swap.is_buy else swap.included, swap.fee, swap.fee_in_base, WSOL,
        BASE_DECIMALS, QUOTE_DECIMALS, swap.sqrt_price, 77 if states else None,
        10**11 if states else None, config_of(mint),
    )  # fmt: skip


def pool_of(mint: str) -> str:
    """Return the pool in which *mint* is traded."""
    return named("pool", mint)


def vault_of(mint: str) -> str:
    """Return the account that holds what nobody has bought of *mint*."""
    return named("vault", mint)


def config_of(mint: str) -> str:
    """Return the configuration of the curve of *mint*."""
    return named("config", mint)


@cache
def named(role: str, mint: str) -> str:
    """Return the address that has a *role* for *mint*."""
    return base58(b"\1" + sha256(f"{role}:{mint}".encode()).digest()[:31])


@cache
def _of(kind: str, name: str) -> bytes:
    """Return the eight bytes by which Anchor tells instructions or events apart."""
    return sha256(f"{kind}:{name}".encode()).digest()[:8]


def _swap2(swap: Swap) -> bytes:
    """Return an EvtSwap2: fields in the order, and at the offsets, of the IDL 0.2.1."""
    excluded = swap.included - (0 if swap.fee_in_base or not swap.is_buy else swap.fee)
    low, high = swap.sqrt_price & (2**64 - 1), swap.sqrt_price >> 64
    return _of("event", "EvtSwap2") + struct.pack(
        "<64xB18xQQ8xQQQQQQQQQ", swap.is_buy, swap.included, excluded, swap.output, low, high,
        swap.fee, 0, 0, 77, 10**11, 0,
    )  # fmt: skip


def _swap(swap: Swap) -> bytes:
    """Return an EvtSwap, which states neither reserve nor threshold."""
    excluded = swap.included - (0 if swap.fee_in_base or not swap.is_buy else swap.fee)
    low, high = swap.sqrt_price & (2**64 - 1), swap.sqrt_price >> 64
    return _of("event", "EvtSwap") + struct.pack(
        "<64xB17xQQQQQQQQQ", swap.is_buy, excluded, swap.output, low, high, swap.fee, 0, 0,
        swap.included, 0,
    )  # fmt: skip
