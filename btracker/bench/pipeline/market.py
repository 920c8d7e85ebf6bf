"""A made-up market: few of its tokens get most of the trades, as on a launchpad."""

from collections.abc import Iterator
from itertools import accumulate
from random import Random
from typing import Literal, NamedTuple

from solders.pubkey import Pubkey
from solders.signature import Signature as Signed

from btracker.bench.pipeline.curve import (
    BASE_DECIMALS,
    QUOTE_DECIMALS,
    SUPPLY,
    THRESHOLD,
    Curve,
    Dealt,
    bought,
    sold,
)
from domain.decode.dbc import PROTOCOL
from domain.decode.program_ids import DBC as PROGRAM
from schemas.chain_events import Balance, Balances, ByMint, Config, Launch, Trade
from schemas.event import About, Clock, Event, OnChain, Op
from schemas.fields import Address, BaseUnits, ChainTime, Mint, Signature, Slot
from schemas.place import OUTER, Place, RawPosition
from streams.partitioner import partition_of

ZIPF_EXPONENT = 1.1
"""The n-th token is traded n^-1.1 times as often as the first."""
WALLETS = 5_000
PER_SECOND = 100
"""Transactions per second of chain time."""
CLOCK_EVERY_S = 10
"""Seconds of chain time between clocks: a fast replay conflates them to about so many."""
START: ChainTime = 1_790_000_000
FIRST_SLOT: Slot = 450_000_000
PER_SLOT = 40
RAW_EPOCH = 1
SMALLEST_QUOTE, LARGEST_QUOTE = 10**7, 2 * 10**9
SOL: Mint = "So11111111111111111111111111111111111111112"


class Plan(NamedTuple):
    """What a market depends on: equal plans make equal markets, a longer one goes on as it began.

    ``partitions`` is the number of them that the raw topic has; ``hot`` is the share of all trades
    that the first token gets, 0 for no more than its rank gives it.
    """

    seed: int
    tokens: int
    trades: int
    partitions: int
    hot: float = 0.0


class Told(NamedTuple):
    """An event with the token it is about; None: it goes to every partition."""

    mint: Mint | None
    event: Event


class Transaction(NamedTuple):
    """Where a made-up transaction stands."""

    time: ChainTime
    slot: Slot
    in_block: int
    signature: Signature


class Token:
    """One token of the market: its curve, and who holds what."""

    def __init__(self, mint: Mint, pool: Address) -> None:
        self.mint, self.pool = mint, pool
        self.curve = Curve()
        self.held: dict[Address, BaseUnits] = {}
        self.accounts: dict[Address, Address] = {}


def market(plan: Plan) -> Iterator[Told]:
    """Yield the events of a market as a decoder sends them, the last clocks at the end."""
    return _Telling(plan).tell()


def _weights(plan: Plan) -> list[float]:
    """Return how likely each token is to be traded next, by rank."""
    weights = [rank**-ZIPF_EXPONENT for rank in range(1, plan.tokens + 1)]
    if plan.hot:
        weights[0] = sum(weights[1:]) * plan.hot / (1 - plan.hot)
    return weights


class _Telling:
    """A market being told, from one source of randomness."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._rng = plan, Random(plan.seed)  # noqa: S311  # Made up, to be repeatable.
        self._offsets = [0] * plan.partitions
        self._count = 0
        self._config = Config(
            self._address(), PROGRAM, PROTOCOL, SOL, BASE_DECIMALS, THRESHOLD, Curve().sqrt_price
        )
        self._wallets = [self._address() for _ in range(WALLETS)]
        self._tokens = [Token(self._address(), self._address()) for _ in range(plan.tokens)]

    def tell(self) -> Iterator[Told]:
        """Yield everything, in chain order."""
        for token in self._tokens:
            yield from self._transaction(token.mint, [self._launch(token)])
            yield Told(token.mint, About(token.mint, self._count, self._config))
        weights = list(accumulate(_weights(self._plan)))
        for _ in range(self._plan.trades):
            (token,) = self._rng.choices(self._tokens, cum_weights=weights)
            yield from self._transaction(token.mint, self._trade(token))
        yield from self._clocks()

    def _transaction(self, mint: Mint, events: list[ByMint]) -> Iterator[Told]:
        """Yield the events of one more transaction, and the clocks after it when they are due."""
        at = self._next()
        partition = partition_of(at.signature.encode(), self._plan.partitions)
        offset = self._offset(partition)
        for ordinal, event in enumerate(events):
            raw = RawPosition(partition, RAW_EPOCH, offset, ordinal)
            place = Place(at.slot, at.in_block, 2, OUTER if ordinal else 1, at.signature)
            yield Told(mint, OnChain(Op.APPLY, raw, place, at.time, True, event))
        if self._count % (CLOCK_EVERY_S * PER_SECOND) == 0:
            yield from self._clocks()

    def _next(self) -> Transaction:
        """Return where the next transaction stands."""
        number, self._count = self._count, self._count + 1
        slot, in_block = divmod(number, PER_SLOT)
        signature = str(Signed(self._rng.randbytes(64)))
        return Transaction(START + number // PER_SECOND, FIRST_SLOT + slot, in_block, signature)

    def _clocks(self) -> Iterator[Told]:
        """Yield the clock of every raw partition: all before the newest slot is complete."""
        time, slot = START + self._count // PER_SECOND, FIRST_SLOT + self._count // PER_SLOT
        for partition in range(self._plan.partitions):
            raw = RawPosition(partition, RAW_EPOCH, self._offset(partition), 0)
            yield Told(None, Clock(raw, time, slot, slot - 1))

    def _offset(self, partition: int) -> int:
        offset = self._offsets[partition]
        self._offsets[partition] = offset + 1
        return offset

    def _launch(self, token: Token) -> Launch:
        creator = self._rng.choice(self._wallets)
        return Launch(
            token.mint, token.pool, PROGRAM, PROTOCOL, "believe", self._config.config, creator,
            creator, f"Token {token.mint[:6]}", token.mint[:4].upper(),
            f"https://example.org/{token.mint}.json", SOL, BASE_DECIMALS, QUOTE_DECIMALS, SUPPLY,
            True,
        )  # fmt: skip

    def _trade(self, token: Token) -> list[ByMint]:
        """Return a trade of *token* and what its trader holds after it."""
        full = token.curve.collected + LARGEST_QUOTE >= THRESHOLD
        if token.held and (full or self._rng.random() < 0.45):
            trader = self._rng.choice(list(token.held))
            base = -(-token.held[trader] // self._rng.choice((1, 1, 2, 3)))
            return self._dealt(token, "sell", trader, sold(token.curve, base))
        trader = self._rng.choice(self._wallets)
        paid = self._rng.randint(SMALLEST_QUOTE, LARGEST_QUOTE)
        return self._dealt(token, "buy", trader, bought(token.curve, paid))

    def _dealt(
        self, token: Token, side: Literal["buy", "sell"], trader: Address, dealt: Dealt
    ) -> list[ByMint]:
        to_trader = dealt.base if side == "buy" else -dealt.base
        holds = token.held.pop(trader, 0) + to_trader
        if holds:
            token.held[trader] = holds
        if trader not in token.accounts:
            token.accounts[trader] = self._address()
        token.curve = dealt.curve
        trade = Trade(
            token.mint, token.pool, PROGRAM, PROTOCOL, side, trader, dealt.base, dealt.quote,
            -to_trader, dealt.fee, False, SOL, BASE_DECIMALS, QUOTE_DECIMALS,
            dealt.curve.sqrt_price, dealt.curve.collected, THRESHOLD, self._config.config,
        )  # fmt: skip
        return [trade, Balances(token.mint, (Balance(token.accounts[trader], trader, holds),))]

    def _address(self) -> Address:
        return str(Pubkey(self._rng.randbytes(32)))
