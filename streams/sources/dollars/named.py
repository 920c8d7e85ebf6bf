"""How prices are named in settings: ``SOL=https://…#/price``, ``USDC=1``."""

from typing import NamedTuple

from solders.pubkey import Pubkey
from yarl import URL

from domain import quotes
from domain.dollar_feed import Pointer, pointer
from domain.dollars import Worth, worth_of
from domain.errors import UnreadableError, UsageError
from schemas.fields import Mint
from streams.sources.guard import is_loopback

FORM = "QUOTE=URL#/POINTER[,/POINTER]"
_MINTS = {currency.symbol: mint for mint, currency in quotes.KNOWN.items()}


class Feed(NamedTuple):
    """A feed of one quote's price. ``url`` may hold a key and is never shown; ``name`` is."""

    mint: Mint
    name: str
    url: str
    price: Pointer
    time: Pointer | None

    def __repr__(self) -> str:
        return f"Feed({self.mint}, {self.name})"


class Fixed(NamedTuple):
    """A price that the configuration states."""

    mint: Mint
    worth: Worth


def parse_feeds(text: str) -> tuple[Feed, ...]:
    """Return the feeds in *text*: ``QUOTE=URL#/POINTER[,/POINTER]``, divided by blanks.

    Raises:
        UsageError: one is no such thing; the sentence does not repeat it, it may hold a key.
    """
    return tuple(_feed(word, place) for place, word in enumerate(text.split(), 1))


def parse_fixed(text: str) -> tuple[Fixed, ...]:
    """Return the prices in *text*: ``QUOTE=DOLLARS``, divided by blanks.

    Raises:
        UsageError: one is no such thing.
    """
    return tuple(_fixed(word) for word in text.split())


def label(mint: Mint) -> str:
    """Return what people call a quote token."""
    return quotes.symbol_of(mint) or mint


def _feed(word: str, place: int) -> Feed:
    try:
        quote, _, address = word.partition("=")
        whole = URL(address)
        where = [pointer(one) for one in whole.fragment.split(",")]
        url = whole.with_fragment(None)
        mint = _mint(quote)
    except (ValueError, UnreadableError):
        raise _wrong(place) from None
    if not whole.host or len(where) > 2 or not _is_secure(url):
        raise _wrong(place)
    name = f"{url.host}:{url.explicit_port}" if url.explicit_port else str(url.host)
    return Feed(mint, name, str(url), where[0], where[1] if len(where) > 1 else None)


def _wrong(place: int) -> UsageError:
    return UsageError(
        f"Feed {place} of BTRACKER_DOLLAR_FEEDS is not {FORM} with https:// (http:// on this "
        "machine alone), and QUOTE one of SOL, USDC, USDT or a mint."
    )


def _is_secure(url: URL) -> bool:
    return url.scheme == "https" or (url.scheme == "http" and is_loopback(url))


def _fixed(word: str) -> Fixed:
    quote, _, dollars = word.partition("=")
    try:
        return Fixed(_mint(quote), worth_of(dollars))
    except (ValueError, UnreadableError):
        raise UsageError(
            f"{word!r} in BTRACKER_DOLLAR_FIXED is not QUOTE=DOLLARS, such as USDC=1."
        ) from None


def _mint(quote: str) -> Mint:
    return _MINTS.get(quote) or str(Pubkey.from_string(quote))
