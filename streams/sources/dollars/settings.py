"""What the collector is told of dollar prices."""

from pydantic import Field, SecretStr

from schemas.kafka import KafkaSettings
from streams.sources.dollars.named import Feed, Fixed, parse_feeds, parse_fixed


class DollarSettings(KafkaSettings):
    """Settings of dollar prices, read from the environment."""

    dollar_feeds: SecretStr = Field(
        default=SecretStr(""),
        description="Feeds of dollar prices over HTTPS, divided by blanks, each "
        "QUOTE=URL#/POINTER[,/POINTER]: QUOTE is SOL, USDC, USDT or a mint, the JSON pointers say "
        "where in the answer the price stands and its time. Of several feeds of one quote the "
        "first that answers counts. Shown nowhere: addresses may hold keys.",
    )
    dollar_fixed: str = Field(
        default="",
        description="Prices that you vouch for, divided by blanks, each QUOTE=DOLLARS, such as "
        "USDC=1; tokens say that theirs is a configured one.",
    )
    dollar_every_s: float = Field(
        default=15.0, ge=1, description="Seconds between two looks at a feed of dollar prices."
    )
    dollar_good_s: int = Field(
        default=3_600,
        ge=60,
        le=86_400,
        description="Seconds of chain time for which a dollar price is good; then …Usd is null. "
        "Idle tokens are told again about that often, so that their dollars are no older.",
    )
    dollar_timeout_s: float = Field(
        default=10.0, gt=0, description="Seconds a feed of dollar prices may take to answer."
    )

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The feeds.

        Raises:
            UsageError: one is written wrong.
        """
        return parse_feeds(self.dollar_feeds.get_secret_value())

    @property
    def fixed(self) -> tuple[Fixed, ...]:
        """The configured prices.

        Raises:
            UsageError: one is written wrong.
        """
        return parse_fixed(self.dollar_fixed)
