"""Made-up tokens as the store and the live feed have them; equal numbers give equal tokens."""

from collections.abc import Sequence
from itertools import accumulate, islice
from random import Random
from typing import Any, Final

import msgspec
from solders.pubkey import Pubkey
from solders.signature import Signature as Signed

from domain.amounts import timestamp
from schemas.fields import WINDOWS, Mint
from schemas.project import Project
from schemas.token import CurveState, Quote, SocialLinks, Token, TokenPost, WindowFigures
from views.writes import Write

SEED: Final = 20260105
BEGAN: Final = 1_790_000_000
ZIPF_EXPONENT: Final = 1.1
"""The n-th token is asked for n^-1.1 times as often as the first."""
SOL: Final = "So11111111111111111111111111111111111111112"
WORDS: Final = [
    "kiwi",
    "moon",
    "cat",
    "dog",
    "pepe",
    "chain",
    "agent",
    "alpha",
    "robot",
    "pixel",
    "paper",
    "solar",
    "ocean",
    "tiger",
    "lemon",
    "storm",
    "frost",
    "ember",
    "comet",
    "vault",
]
CATEGORIES: Final = ("meme", "social", "gaming", "ai", "defi", "art")


def tokens(count: int) -> list[Token]:
    """Return so many tokens, a tenth of them migrated, with figures of all sizes."""
    rng = Random(SEED)  # noqa: S311  # Made up, to be repeatable.
    return [_token(rng, number) for number in range(count)]


def _token(rng: Random, number: int) -> Token:
    stage: Any = rng.choices(("bonding", "completed", "migrated"), (85, 5, 10))[0]
    at, quote = BEGAN + number // 10, rng.randrange(1, 10**11)
    name = f"{rng.choice(WORDS)} {rng.choice(WORDS)} {number}"
    traders = rng.randrange(0, 50)
    return Token(
        mint=str(Pubkey(rng.randbytes(32))),
        name=name,
        symbol=name.replace(" ", "")[:10].upper(),
        uri=f"https://example.org/{number}.json",
        image=f"https://example.org/{number}.png",
        description=f"Asked for by somebody who likes {name}.",
        links=SocialLinks(x=f"https://x.com/i/status/{number}"),
        **_origin(rng),
        decimals=6,
        supply="1000000000",
        quote=Quote(mint=SOL, symbol="SOL", decimals=9),
        stage=stage,
        progress=quote / 10**11 if stage == "bonding" else 1.0,
        **_figures(quote),
        windows={name: _window(rng, traders) for name in WINDOWS},
        trades=rng.randrange(1, 10_000),
        holders=rng.randrange(1, 1000),
        top10_share=0.25,
        creator_share=0.01,
        launched_at=timestamp(at),
        launch_slot=number,
        launch_signature=str(Signed(rng.randbytes(64))),
        completed_at=None if stage == "bonding" else timestamp(at + 500),
        migrated_at=timestamp(at + 600) if stage == "migrated" else None,
        migrated_pool=None,
        post=TokenPost(status="none"),
        project=Project(
            category=rng.choice(CATEGORIES), scores={}, language="en", engine="made up", version="1"
        ),
        version=1,
        slot=number + 1,
        as_of=timestamp(at),
    )


def _figures(quote: int) -> dict[str, Any]:
    """Return what a curve says that has collected *quote* units."""
    return {
        "curve": CurveState(
            base_reserve=str(10**9 - quote // 10**3), quote_reserve=str(quote), threshold="85"
        ),
        "price": f"0.000000{quote:012d}".rstrip("0"),
        "price_usd": None,
        "market_cap": f"{quote // 10**6}.{quote % 10**6:06d}1",
        "market_cap_usd": None,
        "liquidity": f"{quote // 10**9}.{quote % 10**9:09d}1",
        "liquidity_usd": None,
    }


def _origin(rng: Random) -> dict[str, Any]:
    """Return where a token comes from."""
    return {
        "launchpad": rng.choice(("believe", "bags", None)),
        "protocol": "meteora-dbc",
        **{name: _address(rng) for name in ("program", "pool", "config", "creator", "signer")},
    }


def _window(rng: Random, traders: int) -> WindowFigures:
    sold = rng.randrange(0, traders + 1)
    return WindowFigures(
        volume=f"{rng.randrange(0, 1000)}.{rng.randrange(1, 10**9):09d}1",
        volume_usd=None,
        buys=traders,
        sells=sold,
        trades=traders + sold,
        traders=traders,
        price_change=0.05,
    )


def _address(rng: Random) -> str:
    return str(Pubkey(rng.randbytes(32)))


def traded(token: Token, number: int) -> Token:
    """Return a token after one more trade, which has moved about what a trade moves."""
    version = token.version + 1
    return msgspec.structs.replace(
        token,
        price=f"0.000000{version:09d}{number:03d}",
        market_cap=f"{number}.{version:09d}",
        liquidity=f"{number + 1}.{version:09d}",
        progress=(version % 1000) / 1000,
        trades=token.trades + 1,
        curve=CurveState(base_reserve=str(10**9 - version), quote_reserve="1", threshold="85"),
        version=version,
        slot=token.slot + 1,
    )


def write(token: Token) -> Write[Token]:
    """Return a token as it is written to a store."""
    body = msgspec.json.encode(token)
    return Write(key=token.mint, version=token.version, record=token, body=body)


def popular(mints: Sequence[Mint], count: int) -> list[Mint]:
    """Return *count* requests of tokens, the first of which are asked for most."""
    rng = Random(SEED + 1)  # noqa: S311  # Made up, to be repeatable.
    weights = list(accumulate((n + 1) ** -ZIPF_EXPONENT for n in range(len(mints))))
    return list(islice(rng.choices(mints, cum_weights=weights, k=count), count))
