"""Which scope a route or a channel needs: one table. Pure."""

from collections.abc import Collection, Mapping
from typing import Final, get_args

from api.access.scopes import ANY, PARTS, Scope, permits
from api.access.tokens import challenge
from api.problem import Problem
from views.live.contract import Channel

KNOWN: Final = "self"
"""Held by whoever shows a key; nobody is given it."""
USAGE: Final = "self:usage"
"""Held by whoever shows a token, and of course a key."""
EXCHANGE: Final = "self:exchange"

OPEN: frozenset[str] = frozenset(
    {
        "/openapi.json", "/llms.txt",
        "/explorer", "/explorer/explorer.js", "/explorer/explorer.css",
        "/", "/browse", "/watchlist", "/market", "/manifest.webmanifest", "/icon.svg", "/sw.js",
        "/healthz", "/readyz", "/.well-known/jwks.json",
        # It only says that a WebSocket is meant; that one asks for itself.
        "/v1/stream",
    }
)  # fmt: skip
"""Paths that anybody may have, exactly as they are written."""

OPEN_BELOW = ("/assets/", "/token/", "/creator/", "/wallet/", "/post/")
"""Beginnings of the dashboard's other paths. It is open, since it asks people for their key."""

NEEDS: Mapping[str, Scope] = {
    "/v1/tokens": "read:tokens",
    "/v1/boards": "read:market",
    "/v1/search": "read:market",
    "/v1/stats": "read:market",
    "/v1/status": "read:market",
    "/v1/posts": "read:people",
    "/v1/creators": "read:people",
    "/v1/wallets": "read:people",
    # For whoever may read anything; each field then needs what its route in REST does.
    "/v1/graphql": f"read:{ANY}",
    "/v1/udf": "read:tokens",
    "/v1/udf/search": "read:market",
    "/v1/sse": "stream",
    "/v1/usage": USAGE,
    "/v1/auth/token": EXCHANGE,
    "/metrics": "operate",
}
"""What a path, and all below it, needs."""

ELSE: Final = "read"
"""What any other path needs, also one that is not there: nothing is open by mistake."""


def need_of(path: str) -> Scope | None:
    """Return the scope that a path needs, None if anybody may have it."""
    if path in OPEN or path.startswith(OPEN_BELOW):
        return None
    if path.startswith("/v1/sse/"):
        return need_of_channel(path.split("/")[3])
    above = path
    while above:
        if above in NEEDS:
            return NEEDS[above]
        above = above.rpartition("/")[0]
    return ELSE


def need_of_channel(channel: str) -> Scope:
    """Return the scope that a live channel needs."""
    return f"stream:{channel}" if channel in get_args(Channel) else "stream"


def refusal(need: Scope | None, held: Collection[Scope], *, known: bool) -> Problem | None:
    """Return why a caller that holds some scopes may not do what needs one, None if it may.

    *known*: it showed a key or token.
    """
    if need is None or permits(held, need):
        return None
    given = need.removesuffix(f":{ANY}") if need.partition(":")[0] in PARTS else None
    if known:
        what = f"the scope {given}" if given else "the key itself, not a token of it"
        headers = challenge("insufficient_scope", scope=given)
        return Problem(403, "forbidden", f"This needs {what}.", headers=headers)
    what = f"a key or token with the scope {given}" if given else "a key"
    sentence = f"This needs {what}, in X-API-Key or as Authorization: Bearer."
    return Problem(401, "notAuthorised", sentence, headers=challenge())
