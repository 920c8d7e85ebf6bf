"""What the reader of accounts is told."""

from pydantic import Field

from schemas.kafka import KafkaSettings
from streams.sources.solana.settings import SolanaSettings


class AccountSettings(KafkaSettings):
    """Settings of the reader of accounts, read from the environment."""

    account_group: str = Field(
        default="btracker.accounts", description="Under which name tokens asked for are remembered."
    )
    account_requests_per_s: int = Field(
        default=1,
        ge=0,
        description="Of BTRACKER_SOLANA_REQUESTS_PER_S so many are for the accounts of tokens "
        "launched before the start, 24 tokens each; 0: none are read. Where the whole is 1, both "
        "take turns and may come to 2.",
    )


def shared(
    settings: AccountSettings, solana: SolanaSettings
) -> tuple[SolanaSettings, SolanaSettings]:
    """Return what the collector and the reader may ask of each node; each at least one request."""
    whole = solana.solana_requests_per_s
    own = min(settings.account_requests_per_s, max(1, whole - 1))
    return (
        solana.model_copy(update={"solana_requests_per_s": max(1, whole - own)}),
        solana.model_copy(update={"solana_requests_per_s": max(1, own)}),
    )
