"""Sources of dollar prices over real sockets, with what feeds do when they fail."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from pydantic import SecretStr

from agents import spread_dollars
from domain.dollars import Worth
from domain.errors import UsageError
from domain.quotes import KNOWN
from schemas.dollars import DollarPrice
from schemas.topics import DOLLARS, EVENTS
from streams.sources.dollars.named import parse_feeds, parse_fixed
from streams.sources.dollars.poller import open_prices, try_prices
from streams.sources.dollars.priced import Said
from streams.sources.dollars.settings import DollarSettings
from streams.sources.fetch import Failed
from tests.contract.test_agents_count import effects_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
encode = msgspec.json.encode
SOL = next(mint for mint, known in KNOWN.items() if known.symbol == "SOL")


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """Give what starts a feed on this machine."""
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_get("/{path:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


def saying(body: bytes, *, status: int = 200) -> Handler:
    """Return a feed that always says the same."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, headers={"Retry-After": "7"})

    return answer


def settings(feeds: str, **changes: object) -> DollarSettings:
    """Return settings with some feeds."""
    values: dict[str, object] = {"dollar_feeds": SecretStr(feeds), **changes}
    return DollarSettings(**values)


async def asked(feeds: str, **changes: object) -> Said | Failed:
    """Return what the one feed says."""
    found = await try_prices(settings(feeds, **changes))
    (only,) = found.values()
    return only


async def test_a_price(serve: Callable[[Handler], Awaitable[str]]) -> None:
    """A price comes exact, with the feed's own time and its host as who says so."""
    now = int(time.time()) - 30
    base = await serve(saying(b'{"data":{"amount":"143.2501","at":%d}}' % now))
    found = await asked(f"SOL={base}/spot?key=secret#/data/amount,/data/at")

    assert Said(Worth(1432501, 4), now, base.removeprefix("http://")) == found


@pytest.mark.parametrize(
    ("body", "status", "cause", "reason"),
    [
        (b'{"p":1}', 503, "busy", "HTTP 503"),
        (b'{"p":1}', 404, "missing", "HTTP 404"),
        (b"<html>", 200, "content", "the feed's answer is no JSON"),
        (b'{"q":1}', 200, "content", "there is no number at /p"),
        (b'{"p":0,"t":1}', 200, "content", "'0' is no price in dollars"),
        (b'{"p":1,"t":1}', 200, "content", "its newest price is"),
        (b'{"p":1,"t":"' + b" " * 200_000 + b'"}', 200, "content", "more than 100,000 bytes"),
    ],
)
async def test_a_feed_that_fails(
    serve: Callable[[Handler], Awaitable[str]], body: bytes, status: int, cause: str, reason: str
) -> None:
    """A broken, stuck or senseless feed gives no price, and says why."""
    found = await asked(f"SOL={await serve(saying(body, status=status))}/#/p,/t")

    assert isinstance(found, Failed)
    assert cause == found.cause
    assert found.reason.startswith(reason)
    assert (7.0 if status == 503 else 0.0) == found.wait_s


async def test_a_feed_that_never_ends(serve: Callable[[Handler], Awaitable[str]]) -> None:
    """A feed that drips is left when its time is over."""

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"p":')
        await asyncio.Event().wait()
        return response

    found = await asked(f"SOL={await serve(drip)}/#/p", dollar_timeout_s=0.2)

    assert Failed("busy", "no answer within 0.2 s") == found


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://169.254.169.254/", "http://example.com/", "file:///etc"]
)
async def test_a_feed_leads_nowhere_else(
    serve: Callable[[Handler], Awaitable[str]], target: str
) -> None:
    """A redirect into private networks, or out without TLS, is not followed."""

    async def redirect(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    found = await asked(f"SOL={await serve(redirect)}/#/p")

    assert isinstance(found, Failed)
    assert "forbidden" == found.cause


async def test_the_first_that_answers_counts(serve: Callable[[Handler], Awaitable[str]]) -> None:
    """Sources of one quote stand in for each other in their order; a configured price says so."""
    broken, well = await serve(saying(b"", status=500)), await serve(saying(b'{"p":2}'))
    told = settings(f"SOL={broken}/#/p SOL={well}/#/p", dollar_fixed="USDC=1")
    async with open_prices(told) as sources:
        by_mint = {mint: [await one.price(5) for one in own] for mint, own in sources.items()}
    failed, said = by_mint.pop(SOL)
    ((fixed,),) = by_mint.values()

    assert isinstance(failed, Failed)
    assert Said(Worth(2, 0), 5, well.removeprefix("http://")) == said
    assert Said(Worth(1, 0), 5, "configuration") == fixed


@pytest.mark.parametrize(
    "text",
    [
        "SOL", "SOL=", "SOL=https://x", "SOL=http://example.com/#/p", "SOL=ftp://x/#/p",
        "SOL=https://x/#p", "SOL=https://x/#/p,/t,/u", "SOLANA=https://x/#/p", "=https://x/#/p",
        "SOL=https://[/#/p",
    ],
)  # fmt: skip
def test_what_is_no_feed(text: str) -> None:
    """A feed written wrong, or one far away without TLS, is refused without repeating it."""
    with pytest.raises(UsageError, match=r"^Feed 1 of BTRACKER_DOLLAR_FEEDS is not") as refused:
        parse_feeds(text)

    assert "example.com" not in str(refused.value)


@pytest.mark.parametrize("text", ["USDC", "USDC=", "USDC=0", "USDC=one", "dollar=1"])
def test_what_is_no_price(text: str) -> None:
    """A configured price is a number above 0 of a quote token."""
    with pytest.raises(UsageError):
        parse_fixed(text)


def test_prices_reach_every_partition() -> None:
    """The newest price of a chunk goes to each partition of events; what is none is set aside."""
    old, new = (DollarPrice(SOL, units, 0, at, 60, "feed") for units, at in ((1, 10), (2, 20)))
    values = [encode(new), b"{", encode(old)]
    effects = effects_of(spread_dollars.spread_dollars, DOLLARS, values)
    sent = sorted((one.topic, one.partition, one.value) for one in effects.outputs)

    assert [(EVENTS.name, partition, encode(new)) for partition in range(4)] == sent
    assert [1] == [letter.record.offset for letter in effects.dead_letters]
