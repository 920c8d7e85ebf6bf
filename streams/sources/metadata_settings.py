"""What the fetcher of documents is told."""

from pydantic import Field

from schemas.kafka import KafkaSettings
from streams.sources.fetch import Limits


class MetadataSettings(KafkaSettings):
    """Settings of the fetcher of documents, read from the environment."""

    fetch_group: str = Field(
        default="btracker.metadata", description="Under which name fetched launches are remembered."
    )
    fetch_timeout_s: float = Field(
        default=10.0, gt=0, description="Seconds a document may take, redirects included."
    )
    fetch_bytes_max: int = Field(
        default=1_000_000, ge=1_000, description="Largest document in bytes."
    )
    fetch_concurrency: int = Field(
        default=16, ge=1, description="Documents that are fetched at the same time."
    )
    fetch_pending_max: int = Field(
        default=5_000, ge=1, description="Launches that may wait for another attempt."
    )
    fetch_retry_hours: float = Field(
        default=6.0, ge=0, description="Hours for which a missing document is asked for again."
    )
    fetch_first_retry_s: float = Field(
        default=2.0, gt=0, description="Seconds until the second attempt; it doubles each time."
    )
    fetch_allow: tuple[str, ...] = Field(
        default=(),
        description="Networks that may be fetched from although they are not public, as a JSON "
        'list, such as ["127.0.0.0/8"].',
    )
    ipfs_gateways: tuple[str, ...] = Field(
        default=(
            "https://ipfs.io/ipfs/",
            "https://dweb.link/ipfs/",
            "https://gateway.pinata.cloud/ipfs/",
        ),
        description="Gateways to IPFS, asked in turn, as a JSON list.",
    )

    @property
    def limits(self) -> Limits:
        """What the fetcher keeps to."""
        return Limits(
            self.fetch_allow,
            self.fetch_timeout_s,
            self.fetch_bytes_max,
            self.fetch_concurrency,
            self.ipfs_gateways,
        )
