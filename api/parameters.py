"""What clients may ask for: query parameters and addresses, checked."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from fastapi import Depends, Path, Query
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.alias_generators import to_camel
from solders.pubkey import Pubkey

from schemas.fields import Stage

LATEST = 253_402_300_799
"""9999-12-31T23:59:59Z, the last second that RFC 3339 can write."""

POST_ID = re.compile("[0-9]{1,20}")
DECIMAL = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?")

Resolution = Literal["1s", "5s", "15s", "30s", "1m", "5m", "15m", "30m", "1h", "4h", "1d"]
SortBy = Literal[
    "age", "progress", "price", "marketCap", "liquidity", "holders", "volume24h", "trades24h",
    "launchedAt", "completedAt", "volume1h", "traders1h",
]  # fmt: skip
LOWER = {
    "launched_before": "launched_after",
    "to": "from_",
    **{
        f"max_{figure}": f"min_{figure}"
        for figure in (
            "progress", "price", "market_cap", "liquidity", "holders", "age", "volume24h",
            "trades24h",
        )
    },
}  # fmt: skip
"""The lower bound that belongs to an upper one, by field; it is the earlier field of the two."""


def address(text: str) -> str:
    """Return *text* if it is base58 of 32 bytes.

    Raises:
        ValueError: it is not.
    """
    try:
        Pubkey.from_string(text)
    except ValueError:
        raise ValueError("is no Solana address, which is 32 bytes in base58") from None
    return text


def unix_seconds(text: str) -> int:
    """Return a time, RFC 3339 or unix seconds, as whole seconds, rounded down.

    Raises:
        ValueError: it is neither.
    """
    if text.isascii() and text.isdigit() and int(text[:12]) <= LATEST and len(text) <= 12:
        return int(text)
    try:
        # A plus sign that was not escaped arrives as a space.
        found = datetime.fromisoformat(text.replace(" ", "+"))
        at = found if found.tzinfo else found.replace(tzinfo=UTC)
        seconds = int(at.timestamp() // 1)
    except (ValueError, OverflowError):
        raise ValueError("is no time: write 2026-09-22T16:07:35Z or unix seconds") from None
    if not 0 <= seconds <= LATEST:
        raise ValueError("is no time between 1970 and 9999")
    return seconds


def exact(text: str) -> Decimal:
    """Return a decimal in plain notation as an exact number.

    Raises:
        ValueError: it is not, or has more than 30 digits on one side.
    """
    if not DECIMAL.fullmatch(text):
        raise ValueError("is no decimal number such as 0.5")
    return Decimal(text)


def stages(text: str) -> str:
    """Return one or several stages, separated by commas.

    Raises:
        ValueError: one of them is none.
    """
    known = get_args(Stage)
    if not set(text.split(",")) <= set(known):
        raise ValueError(f"is one or several of {', '.join(known)}, separated by commas")
    return text


Address = Annotated[
    str,
    AfterValidator(address),
    # Nearly: what is as long and no address is refused all the same.
    WithJsonSchema({"type": "string", "pattern": "^[1-9A-HJ-NP-Za-km-z]{32,44}$"}),
]
MintPath = Annotated[Address, Path(description="The token's address, base58 of 32 bytes.")]
AddressPath = Annotated[Address, Path(description="A wallet's address, base58 of 32 bytes.")]
PostNumber = Annotated[str, Field(pattern=f"^{POST_ID.pattern}$")]
PostId = Annotated[PostNumber, Path(description="The post's id on X.")]
Name = Annotated[str | None, Field(min_length=1, max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=100)]
Bound = Annotated[
    Decimal,
    BeforeValidator(exact),
    WithJsonSchema({"type": "string", "pattern": DECIMAL.pattern, "examples": ["0.5"]}),
]
Time = Annotated[
    int,
    BeforeValidator(unix_seconds),
    WithJsonSchema({"type": "string", "examples": ["2026-09-22T16:07:35Z", "1790093255"]}),
]


class Parameters(BaseModel):
    """Query parameters of a route; anything else in the query is refused."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="forbid")

    @field_validator("*")
    @classmethod
    def not_below_its_lower_bound(cls, value: Any, info: ValidationInfo) -> Any:
        """Return a value as it is.

        Raises:
            ValueError: it is an upper bound below the lower one.
        """
        lower = LOWER.get(info.field_name or "", "")
        bound = info.data.get(lower)
        if value is not None and bound is not None and value < bound:
            name = cls.model_fields[lower].alias
            raise ValueError(f"is less than {name}, so that nothing could fit")
        return value


class NoParameters(Parameters):
    """The query of a route that has none."""


class Paging(Parameters):
    """Where a list goes on and how much of it is asked for."""

    limit: int = Field(50, ge=1, le=200, description="Items per page.")
    cursor: str | None = Field(None, description="nextCursor of the page before.")


class SearchQuery(Parameters):
    """What is searched for."""

    q: Text = Field(
        description="Words, a ticker, the beginning of a mint, a post's id; typos are forgiven."
    )
    limit: int = Field(20, ge=1, le=100, description="Hits at most.")


class TokenFilters(Parameters):
    """Which tokens, without bounds on their figures."""

    launchpad: Name = Field(None, description="Launchpad, as believe; as peers spell it, too.")
    protocol: Name = Field(None, description="Protocol, as meteora-dbc; as peers spell it, too.")
    stage: Annotated[str, AfterValidator(stages)] | None = Field(
        None, description="bonding, completed or migrated; several separated by commas."
    )
    category: Name = Field(None, description="Category of the project.")
    language: Name = Field(None, description="Language of the project, as en.")
    creator: Address | None = Field(None, description="Address of the creator.")
    quote: Address | None = Field(
        None, description="Mint of the quote token; figures in different quotes do not compare."
    )
    has_post: bool | None = Field(None, description="Whether a launch post is matched.")
    q: Text | None = Field(None, description="Words that begin a word of name, symbol or mint.")
    launched_after: Time | None = Field(None, description="Launched at this time or later.")
    launched_before: Time | None = Field(None, description="Launched at this time or earlier.")


class SimilarTokenList(TokenFilters):
    """Which of the tokens that are like one."""

    limit: int = Field(10, ge=1, le=50, description="Tokens at most.")


class SimilarPostList(Parameters):
    """How many of the posts that are like one."""

    limit: int = Field(10, ge=1, le=50, description="Posts at most.")


class TokenList(TokenFilters, Paging):
    """Which tokens, in which order; bounds are inclusive, amounts in whole quote tokens."""

    min_progress: Bound | None = Field(None, description="Progress of the curve, 0 to 1.")
    max_progress: Bound | None = None
    min_price: Bound | None = Field(None, description="Quote tokens per whole token.")
    max_price: Bound | None = None
    min_market_cap: Bound | None = None
    max_market_cap: Bound | None = None
    min_liquidity: Bound | None = None
    max_liquidity: Bound | None = None
    min_holders: Bound | None = None
    max_holders: Bound | None = None
    min_age: Bound | None = Field(None, description="Seconds since the launch, in chain time.")
    max_age: Bound | None = Field(None, description="Seconds since the launch, in chain time.")
    min_volume24h: Bound | None = Field(None, alias="minVolume24h")
    max_volume24h: Bound | None = Field(None, alias="maxVolume24h")
    min_trades24h: Bound | None = Field(None, alias="minTrades24h")
    max_trades24h: Bound | None = Field(None, alias="maxTrades24h")
    sort_by: SortBy = Field("age", description="Ties go by mint.")
    sort_order: Literal["asc", "desc"] | None = Field(
        None, description="Default: largest first, for age youngest first. Unknown figures last."
    )


class CandleList(Paging):
    """Which candles; the newest of the span where there are more than the limit."""

    resolution: Resolution = "1m"
    from_: Time | None = Field(
        None, alias="from", description="First time; default: limit before to."
    )
    to: Time | None = Field(None, description="Up to before this time; default: the chain's time.")
    limit: int = Field(500, ge=1, le=5000, description="Candles per page.")
    kind: Literal["price", "marketCap"] = "price"
    empty: bool = Field(False, description="Whether intervals without trades are filled in.")


async def no_parameters(_: Annotated[NoParameters, Query()]) -> None:
    """Refuse every query parameter."""


NOTHING_ELSE = Depends(no_parameters)
"""For routes without query parameters: a typo is refused, not ignored."""
