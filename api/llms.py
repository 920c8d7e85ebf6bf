"""What there is and where, as Markdown for language models (llms.txt). Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from api.stream.protocol import SUBPROTOCOL
from views.boards import BOARDS
from views.live.contract import Channel

HEAD = """# Btracker

> A launchpad tracker for Solana: tokens joined to the posts on X that asked for them, with exact
> curves, candles, holders and volume, as REST, live streams and Kafka topics.

- Amounts and prices are exact decimals as strings, in whole tokens of the named currency; counts
  are integers; shares are 0 to 1; times are RFC 3339 in UTC; unknown is null, never 0.
- Lists answer `{"items": […], "nextCursor": …}`; pass `nextCursor` as `cursor`; null is the end.
- Errors are `application/problem+json` with `code`, and `errors` that name the parameter.
- `X-API-Key: bt_…` or `Authorization: Bearer …` shows a key, where one is needed. After a 429 wait
  as long as `Retry-After` says.
- `/v1/status` says how far everything is; `/v1/search?q=` finds tokens and posts by any words.

## Contracts

- [OpenAPI 3.1](/openapi.json): every route, parameter and shape, with examples
- [The page](/explorer): the same for people, to be tried
"""
LIVE = """
## How to follow it live

- `/v1/stream`: WebSocket, subprotocol `{protocol}`. Say
  `{{"op": "subscribe", "id": 1, "channel": "token", "key": "<mint>"}}`; an ack, a snapshot and then
  changes come, each with `epoch`, `seq` and `prevSeq`. `resume` with the last `epoch` and `seq`
  goes on there.
- `/v1/sse/{{channel}}/{{key}}`: the same as server-sent events.
- Channels: {channels}. Boards: {boards}.
- Keys are a mint, `mint:resolution` (candles), a board's name, or `all`.
"""


def overview(document: Mapping[str, Any]) -> str:
    """Return the overview of an API by its OpenAPI document."""
    named = {"channels": get_args(Channel), "boards": BOARDS}
    shown = {name: ", ".join(f"`{one}`" for one in every) for name, every in named.items()}
    live = LIVE.format(protocol=SUBPROTOCOL, **shown)
    return HEAD + "".join(_routes(document["paths"])) + live


def _routes(paths: Mapping[str, Any]) -> Iterator[str]:
    """Yield the routes, under a heading for each family."""
    families: dict[str, list[str]] = {}
    for path, methods in paths.items():
        for method, operation in methods.items():
            line = f"- `{method.upper()} {path}`: {operation['summary']}\n"
            families.setdefault(operation.get("tags", ["others"])[0], []).append(line)
    for family, lines in families.items():
        yield f"\n## {family.capitalize()}\n\n"
        yield from lines
