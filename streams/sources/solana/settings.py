"""What a collector is told of Solana's nodes."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from schemas.fields import Slot
from schemas.settings import BESIDE_SECRETS
from streams.sources.solana.nodes import Node, parse_nodes


class SolanaSettings(BaseSettings):
    """Settings of the live chain, read from the environment."""

    model_config = BESIDE_SECRETS

    solana: SecretStr = Field(
        default=SecretStr(""),
        description="Solana nodes, divided by blanks, each [MODE=]WS_URL[,HTTP_URL]; MODE is "
        "transactions, blocks or logs, and without it the best that the node offers. Shown "
        "nowhere: their addresses may hold keys.",
    )
    solana_commitment: Literal["processed", "confirmed"] = Field(
        default="confirmed",
        description="When transactions count. Processed ones may be taken back; only nodes in "
        "transactions mode tell of them.",
    )
    solana_requests_per_s: int = Field(
        default=8,
        ge=1,
        description="Requests that each node is asked in any second, at most; subscriptions count.",
    )
    solana_sweep_s: float = Field(
        default=1.0,
        gt=0,
        description="Seconds between looks for blocks that no stream brought.",
    )
    solana_stall_s: float = Field(
        default=30.0,
        gt=0,
        description="Seconds for which a node's slot may stand still before it is connected to "
        "anew.",
    )
    solana_from_slot: Slot | None = Field(
        default=None,
        ge=1,
        description="Slot to begin with where nothing was collected before. Empty: the newest.",
    )

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes.

        Raises:
            UsageError: one is written wrong.
        """
        return parse_nodes(self.solana.get_secret_value())
