"""Keys and tokens: a token for a key, what a key has used, whose signatures are ours."""

from time import monotonic, time
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access.audit import Line, short
from api.access.callers import Caller
from api.access.days import day_of, seconds_left
from api.access.gate import CALLER, REQUEST_ID
from api.access.keys import ApiKey
from api.access.rules import refusal
from api.access.scopes import Scope, check
from api.answers import answer_json
from api.documents import KEY_SET, TOKEN_ANSWER, USAGE, DayUsage, IssuedToken, KeyLimits, Usage
from api.parameters import NOTHING_ELSE
from api.problem import Problem, bad_parameter
from api.services import Services, Use
from domain.amounts import timestamp
from domain.errors import UsageError

router = APIRouter(tags=["access"], dependencies=[NOTHING_ELSE])

SHOWN_DAYS = 7
KEY_SET_AGE_S = 300
NO_STORE = "no-store"


class TokenRequest(BaseModel):
    """What a token should be good for; at most what its key is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scopes: list[str] | None = Field(
        None, min_length=1, max_length=20, description="Scopes; default: all of the key."
    )
    expires_in: int | None = Field(
        None, alias="expiresIn", ge=1, le=3600, description="Seconds; never more than the default."
    )


@router.post("/v1/auth/token", responses=TOKEN_ANSWER, summary="A token for a key")
async def token(
    request: Request, use: Use, asked: Annotated[TokenRequest | None, Body()] = None
) -> Response:
    """Return a short-lived token, for browsers and others that should not hold the key.

    It counts against the limits of its key, and ends with it.
    """
    caller: Caller = request.scope[CALLER]
    asked, key, at = asked or TokenRequest(), _key_of(caller), int(time())
    scopes = _scopes(use, request, asked)
    ttl_s = min(asked.expires_in or use.settings.token_ttl_s, use.settings.token_ttl_s)
    if key.expires is not None:
        ttl_s = min(ttl_s, key.expires - at)
    made = use.gate.tokens.issue(key.id, scopes=scopes, at=at, ttl_s=ttl_s, now=monotonic())
    _write_down(use, request, caller, detail=f"{' '.join(scopes)} for {ttl_s} s")
    issued = IssuedToken(token=made, token_type="Bearer", expires_in=ttl_s, scopes=scopes)  # noqa: S106
    return _private(answer_json(request, issued))


@router.get("/v1/usage", responses=USAGE, summary="What a key may use, and has used")
async def usage(request: Request, use: Use) -> Response:
    """Return the limits of the key that asks, and its requests per day (UTC), newest first."""
    key, at = _key_of(request.scope[CALLER]), time()
    used = await use.gate.limits.usage(key, days=SHOWN_DAYS, at=at)
    today = used[day_of(at)]
    found = Usage(
        key=key.id,
        name=key.name,
        scopes=key.scopes,
        expires_at=None if key.expires is None else timestamp(key.expires),
        limits=KeyLimits(
            per_minute=key.rate.per_minute,
            burst=key.rate.burst,
            per_day=key.per_day,
            connections=key.connections,
        ),
        remaining_today=None if key.per_day is None else max(0, key.per_day - today),
        resets_in_s=seconds_left(at),
        days=tuple(DayUsage(day=day, requests=count) for day, count in used.items()),
    )
    return _private(answer_json(request, found))


@router.get("/.well-known/jwks.json", responses=KEY_SET, summary="Keys that verify our tokens")
async def key_set(request: Request, use: Use) -> Response:
    """Return the public keys that verify tokens, as a JSON Web Key Set (RFC 7517)."""
    found = use.gate.signing.public_set(now=monotonic())
    return answer_json(request, found, max_age_s=KEY_SET_AGE_S)


def _key_of(caller: Caller) -> ApiKey:
    # The rules let nobody else come here.
    if caller.key is None:
        raise Problem(401, "notAuthorised", "This needs a key.")
    return caller.key


def _scopes(use: Services, request: Request, asked: TokenRequest) -> tuple[Scope, ...]:
    """Return the scopes that are asked for.

    Raises:
        Problem: there is no such scope (400), or the key has not got it (403).
    """
    caller: Caller = request.scope[CALLER]
    key = _key_of(caller)
    wanted = tuple(dict.fromkeys(asked.scopes or key.scopes))
    for scope in wanted:
        try:
            refused = refusal(check(scope), key.scopes, known=True)
        except UsageError as error:
            raise bad_parameter("scopes", str(error)) from error
        if refused:
            action, request_id = f"POST {request.url.path}", request.scope[REQUEST_ID]
            use.gate.deny(refused, caller, action=action, request_id=request_id)
            raise refused
    return wanted


def _write_down(use: Services, request: Request, caller: Caller, *, detail: str) -> None:
    """Write a token into the audit log before anybody has it.

    Raises:
        Problem: it cannot be written (503).
    """
    line = Line(
        event="token.issued",
        outcome="done",
        who=caller.who,
        address=short(caller.address),
        request_id=request.scope[REQUEST_ID],
        detail=detail,
    )
    try:
        use.gate.audit.done(line)
    except UsageError as error:
        raise Problem(503, "unavailable", "Tokens cannot be given out just now.") from error


def _private(found: Response) -> Response:
    found.headers["cache-control"] = NO_STORE
    return found
