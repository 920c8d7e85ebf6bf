"""A made-up market with known figures, put into a store; tests compute what they expect from it."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from solders.pubkey import Pubkey

from schemas.link import Candidate, LinkRecord
from schemas.post import Author, Post
from schemas.progress import Counts, Progress
from schemas.project import Embedding
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from schemas.token import CurveState, Quote, SocialLinks, Token, TokenPost, WindowFigures
from tests import samples
from views.contract import Views
from views.writes import Batch, Write

NOW = 1_790_093_255
SLOT = 452_233_139
SOL = "So11111111111111111111111111111111111111112"
PROGRAM = "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN"
NAMES = ("Lunar Pulse", "Solar Wind", "Quiet Cat", "Loud Dog", "Paper Boat", "Neon Garden")
TOKENS = 40
PARTITIONS = 4


def rfc3339(at: int) -> str:
    """Return unix seconds as RFC 3339 in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Market:
    """Everything that is in the store, by noun."""

    tokens: list[Token] = field(default_factory=list)
    trades: list[TradeRecord] = field(default_factory=list)
    candles: list[CandleRecord] = field(default_factory=list)
    holders: list[HolderRecord] = field(default_factory=list)
    lifecycle: list[LifecycleRecord] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    links: list[LinkRecord] = field(default_factory=list)
    embeddings: list[Embedding] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)

    async def put(self, views: Views) -> None:
        """Write all of it into a store."""
        await views.write(
            Batch(
                tokens=[put(t.mint, t, t.version) for t in self.tokens],
                trades=[put(t.id, t) for t in self.trades],
                candles=[put(f"{c.mint}:{seconds(c.time)}", c, c.rev) for c in self.candles],
                holders=[put(f"{h.mint}:{h.account}", h, h.version) for h in self.holders],
                lifecycle=[put(e.id, e) for e in self.lifecycle],
                posts=[put(p.id, p) for p in self.posts],
                links=[put(link.mint, link) for link in self.links],
                embeddings=[put(vector.id, vector) for vector in self.embeddings],
                progress=[put_progress(record) for record in self.progress],
            )
        )


def put(key: str, record: Any, version: int = 1) -> Write[Any]:
    """Return the write of one record."""
    return Write(key=key, version=version, record=record, body=msgspec.json.encode(record))


def put_progress(record: Progress, version: int = 1) -> Write[Any]:
    """Return the write of a stage's progress."""
    part = f"{record.stage}:{record.partition}:{record.source or ''}:{record.kind or ''}"
    return put(part, record, version)


def seconds(text: str) -> int:
    """Return the unix seconds of an RFC 3339 time."""
    return int(datetime.fromisoformat(text).timestamp())


def make_market(seed: int = 7) -> Market:
    """Return a market of a day, the same for every seed."""
    rng, market = random.Random(seed), Market()
    wallets = [address(rng) for _ in range(12)]
    for number in range(TOKENS):
        token = make_token(rng, number, creator=wallets[number % 5])
        market.tokens.append(token)
        add_life(market, token)
        add_trades(market, token, rng, wallets)
        add_holders(market, token, rng, wallets)
        if token.post.status == "matched":
            add_post(market, token)
    add_vectors(market)
    market.progress += make_progress()
    return market


def address(rng: random.Random) -> str:
    """Return an address."""
    return str(Pubkey(rng.randbytes(32)))


def make_token(rng: random.Random, number: int, *, creator: str) -> Token:
    """Return a token; every fifth has no price, so that unknown figures occur."""
    stage = ("bonding", "bonding", "bonding", "completed", "migrated")[rng.randrange(5)]
    launched = NOW - rng.randrange(60, 90_000)
    priced = number % 5 != 4
    progress = round(rng.random(), 6) if stage == "bonding" else 1.0
    volume = f"{rng.randrange(1, 10**6)}.{rng.randrange(1, 10**9):09d}".rstrip("0")
    return Token(
        mint=address(rng),
        name=f"{NAMES[number % len(NAMES)]} {number}",
        symbol=f"T{number}",
        uri=None,
        image=None,
        description=None,
        links=SocialLinks(),
        launchpad=("believe", "launchlab", "moonshot")[number % 3],
        protocol=("meteora-dbc", "raydium-launchlab")[number % 2],
        program=PROGRAM,
        pool=address(rng),
        config=None,
        creator=creator,
        signer=None,
        decimals=6,
        supply="1000000000",
        quote=Quote(mint=SOL, symbol="SOL", decimals=9),
        stage=stage,
        progress=progress,
        curve=CurveState(base_reserve=None, quote_reserve=None, threshold="60"),
        price=f"0.0000000{rng.randrange(10**11, 10**12)}" if priced else None,
        price_usd=None,
        market_cap=f"{rng.randrange(10, 500)}.{rng.randrange(1, 10**12):012d}" if priced else None,
        market_cap_usd=None,
        liquidity=f"{rng.randrange(1, 60)}.5" if priced else None,
        liquidity_usd=None,
        windows={name: window(volume, rng.randrange(50)) for name in ("5m", "1h", "6h", "24h")},
        trades=6,
        holders=rng.randrange(1, 500),
        top10_share=0.2,
        creator_share=0.0,
        launched_at=rfc3339(launched),
        launch_slot=SLOT - (NOW - launched) * 5 // 2,
        launch_signature="5" * 88,
        completed_at=None if stage == "bonding" else rfc3339(launched + 50),
        migrated_at=rfc3339(launched + 55) if stage == "migrated" else None,
        migrated_pool=None,
        post=TokenPost(status="matched" if number % 2 else "none"),
        project=samples.project(("social", "game")[number % 2]),
        version=1_000_000 + number,
        slot=SLOT,
        as_of=rfc3339(NOW),
    )


def window(volume: str, trades: int) -> WindowFigures:
    """Return the figures of a window."""
    return WindowFigures(
        volume=volume, volume_usd=None, buys=trades, sells=0, trades=trades, traders=trades,
        price_change=None,
    )  # fmt: skip


def add_life(market: Market, token: Token) -> None:
    """Add a token's launch, and its completion and migration if it has come so far."""
    times = {
        "launch": token.launched_at,
        "complete": token.completed_at,
        "migrate": token.migrated_at,
    }
    for step, (kind, at) in enumerate(times.items()):
        if at is not None:
            slot = (token.launch_slot or 0) + step
            market.lifecycle.append(
                LifecycleRecord(
                    id=f"{slot}:{token.symbol}{kind}:1",
                    mint=token.mint,
                    kind=kind,
                    time=at,
                    slot=slot,
                    signature=f"{token.symbol}{kind}",
                    path="1",
                    pool=token.pool or "",
                )
            )


def add_trades(market: Market, token: Token, rng: random.Random, wallets: list[str]) -> None:
    """Add trades at odd intervals, and the minutes they make."""
    at, made = seconds(token.launched_at or ""), []
    for number in range(6):
        at += rng.randrange(1, 150)
        quote = rng.randrange(1, 10**6)
        slot = (token.launch_slot or 0) + number + 1
        made.append(
            TradeRecord(
                id=f"{slot}:{token.symbol}s{number}:2",
                mint=token.mint,
                time=rfc3339(at),
                slot=slot,
                signature=f"{token.symbol}s{number}",
                path="2",
                sort_key=f"{slot:016d}",
                side=("buy", "sell")[rng.randrange(2)],
                trader=rng.choice(wallets),
                base_amount="1000",
                quote_amount=f"{quote}",
                price=f"{quote / 1000}",
                fee="0.01",
                fee_in_base=False,
                program=PROGRAM,
            )
        )
    market.trades += made
    market.candles += minutes(made)


def minutes(trades: list[TradeRecord]) -> list[CandleRecord]:
    """Return the minutes that trades in chain order make."""
    grouped: dict[int, list[TradeRecord]] = {}
    for trade in trades:
        grouped.setdefault(seconds(trade.time) // 60 * 60, []).append(trade)
    return [
        CandleRecord(
            mint=inside[0].mint,
            time=rfc3339(start),
            open=inside[0].price,
            high=max((t.price for t in inside), key=float),
            low=min((t.price for t in inside), key=float),
            close=inside[-1].price,
            volume=str(sum(int(t.quote_amount or 0) for t in inside)),
            trades=len(inside),
            rev=len(inside),
            final=True,
        )
        for start, inside in grouped.items()
    ]


def add_holders(market: Market, token: Token, rng: random.Random, wallets: list[str]) -> None:
    """Add accounts, of which one owner has two."""
    for number, owner in enumerate([*wallets[:9], wallets[0]]):
        units = rng.randrange(1, 10**12)
        market.holders.append(
            HolderRecord(
                mint=token.mint,
                account=f"{token.symbol}account{number}",
                owner=owner,
                amount=f"{units // 10**6}.{units % 10**6:06d}".rstrip("0").rstrip("."),
                base_units=str(units),
                slot=SLOT,
                version=1,
            )
        )


def add_post(market: Market, token: Token) -> None:
    """Add the post that asked for a token, and the link between them."""
    number = len(market.posts)
    post = Post(
        id=f"19600000000000{number:05d}",
        url=f"https://x.com/someone/status/19600000000000{number:05d}",
        text=f"@launchcoin ${token.symbol} + {token.name}",
        author=Author(id="17", username="someone"),
        created_at=rfc3339(NOW - 1000 + number),
        created_ms=(NOW - 1000 + number) * 1000,
    )
    market.posts.append(post)
    market.links.append(
        LinkRecord(
            mint=token.mint,
            status="matched",
            post_id=post.id,
            url=post.url,
            author=post.author,
            delay_ms=48_000,
            confidence=0.99,
            evidence=("tweetId",),
            candidates=(Candidate(id="1", url="https://x.com/i/web/status/1", score=12.5),),
        )
    )


def add_vectors(market: Market) -> None:
    """Add vectors, of tokens but every seventh and of all posts, each a little off the last."""
    read = [token.mint for number, token in enumerate(market.tokens) if number % 7]
    market.embeddings += [samples.embedding(f"token:{m}", 30, n) for n, m in enumerate(read)]
    posts = [f"post:{post.id}" for post in market.posts]
    market.embeddings += [samples.embedding(key, 30, n) for n, key in enumerate(posts)]


def make_progress(*, complete: int = SLOT, joined: int = SLOT) -> list[Progress]:
    """Return what the stages reported: everything delivered and folded."""
    sources = [
        Progress(
            stage="collect", partition=0, source="recording:made-up", kind=kind, state="done",
            head_slot=SLOT, complete_through_slot=SLOT,
        )
        for kind in ("chain", "metadata", "x")
    ]  # fmt: skip
    folds = [
        Progress(
            stage="fold", partition=number, head_slot=SLOT, chain_time=rfc3339(NOW),
            complete_through_slot=complete, joined_through_slot=joined,
            counts=Counts(seen=100, applied=99, dead_lettered=1),
        )
        for number in range(PARTITIONS)
    ]  # fmt: skip
    decodes = [
        Progress(
            stage="decode", partition=number, head_slot=SLOT, chain_time=rfc3339(NOW),
            complete_through_slot=SLOT,
            counts=Counts(seen=110, applied=100, duplicate=10, failed=3, events=250, trades=60),
        )
        for number in range(PARTITIONS)
    ]  # fmt: skip
    return [*sources, *folds, *decodes]
