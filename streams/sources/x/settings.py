"""What a collector is told of X."""

from decimal import Decimal
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings
from yarl import URL

from domain.errors import UsageError
from domain.posts.launchers import LAUNCHERS, Launcher
from schemas.settings import BESIDE_SECRETS
from streams.sources.x.budget import Prices

MICRO = 1_000_000


class XSettings(BaseSettings):
    """Settings of the live posts, read from the environment."""

    model_config = BESIDE_SECRETS

    x: str = Field(
        default="",
        description="Base address of the X API, as https://api.x.com; empty: no live posts.",
    )
    x_bearer_token: SecretStr = Field(
        default=SecretStr(""), description="The application's bearer token; shown nowhere."
    )
    x_launchers: str = Field(
        default="believe",
        description="Launchers whose posts are asked for, divided by blanks: of "
        f"{', '.join(one.name for one in LAUNCHERS)}. Every post costs money.",
    )
    x_connections: int = Field(
        default=1,
        ge=1,
        le=2,
        description="Connections to the stream at once; X grants a second one to Enterprise alone.",
    )
    x_connects: int = Field(
        default=45,
        ge=1,
        description="Connections made in any 15 minutes, at most. X allows 50.",
    )
    x_stall_s: float = Field(
        default=30.0,
        gt=0,
        description="Seconds of silence after which a connection is made anew; X says something "
        "every 20.",
    )
    x_sweep_s: float = Field(
        default=300.0,
        gt=0,
        description="Seconds between searches for posts that the stream did not bring; one is made "
        "after each connection too.",
    )
    x_posts_per_day: int = Field(
        default=10_000, ge=1, description="Posts that are read on a day (UTC), at most."
    )
    x_usd_per_day: Decimal = Field(
        default=Decimal(100), gt=0, description="Dollars that a day (UTC) may cost, at most."
    )
    x_usd_per_post: Decimal = Field(
        default=Decimal("0.005"), ge=0, description="Price of a post read, in dollars."
    )
    x_usd_per_user: Decimal = Field(
        default=Decimal("0.010"), ge=0, description="Price of an account read, in dollars."
    )
    x_compliance: bool = Field(
        default=False,
        description="Listen to X's compliance stream for deletions; Enterprise alone has it.",
    )
    x_check_hours: float = Field(
        default=12.0,
        gt=0,
        description="Hours after which a kept post is looked up again, to see whether it is still "
        "there, as far as the budget goes.",
    )
    x_checks_per_day: int = Field(
        default=2_000,
        ge=0,
        description="Kept posts that are looked up again on a day (UTC), at most; 0: none.",
    )

    x_engagement: Literal["launches", "linked", "nothing"] = Field(
        default="launches",
        description="Posts whose likes, reposts, replies, quotes, bookmarks and views are looked "
        "up while they are young: those that ask for a launch or are linked to a token, only the "
        "linked, or none.",
    )
    x_engagement_after_s: tuple[int, ...] = Field(
        default=(60, 300, 3_600),
        min_length=1,
        max_length=10,
        description="Ages of a post at which that is looked up, in seconds, as a JSON list.",
    )
    x_engagement_leaves: float = Field(
        default=0.25,
        ge=0,
        le=1,
        description="Share of the day's budget that engagement leaves to posts: with less than "
        "that left, none is looked up.",
    )

    @field_validator("x_engagement_after_s")
    @classmethod
    def _ages(cls, given: tuple[int, ...]) -> tuple[int, ...]:
        if min(given) < 1 or list(given) != sorted(set(given)):
            raise ValueError("ages are seconds above 0, each greater than the one before")
        return given

    @property
    def base(self) -> str:
        """The base address without a slash at its end; empty: there is no X.

        Raises:
            UsageError: it is no address, or there is no token for it.
        """
        if not self.x:
            return ""
        url = URL(self.x)
        if url.scheme not in {"http", "https"} or not url.host:
            raise UsageError("The address of X is not one; give it as https://api.x.com.")
        if not self.x_bearer_token.get_secret_value():
            raise UsageError("X asks who one is; put its bearer token in BTRACKER_X_BEARER_TOKEN.")
        return self.x.rstrip("/")

    @property
    def token(self) -> str:
        """The bearer token."""
        return self.x_bearer_token.get_secret_value()

    @property
    def launchers(self) -> tuple[Launcher, ...]:
        """The launchers whose posts are asked for.

        Raises:
            UsageError: there is no such launcher.
        """
        by_name = {one.name: one for one in LAUNCHERS}
        names = self.x_launchers.replace(",", " ").split()
        unknown = [name for name in names if name not in by_name]
        if unknown or not names:
            raise UsageError(
                f"BTRACKER_X_LAUNCHERS: {' '.join(unknown) or 'nothing'} is no launcher; choose "
                f"from {', '.join(by_name)}."
            )
        return tuple(by_name[name] for name in dict.fromkeys(names))

    @property
    def prices(self) -> Prices:
        """What reading costs, in millionths of a dollar."""
        return Prices(int(self.x_usd_per_post * MICRO), int(self.x_usd_per_user * MICRO))
