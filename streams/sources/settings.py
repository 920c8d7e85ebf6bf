"""What a collector is told: where Kafka is, what to replay, where its journal lives."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from schemas.kafka import KafkaSettings

Speed = Literal["max"] | float


class CollectSettings(KafkaSettings):
    """Settings of ``btracker collect``, read from the environment."""

    data: Path = Field(
        default=Path("data"), description="Folder for what a process keeps: journal, store, logs."
    )
    recording: Path | None = Field(
        default=None, description="Folder of a recording to replay; empty: none."
    )
    speed: Speed | None = Field(
        default=None,
        description="Chain seconds per second of a replay, or max. Empty: 1 as live, else max.",
    )
    as_live: bool = Field(
        default=False, description="Shift a replayed recording so that it begins now."
    )
    head_start_hours: float = Field(
        default=0,
        ge=0,
        description="Hours of a recording replayed as live that have passed when it begins; they "
        "are replayed at once.",
    )
    record_bytes_max: int = Field(
        default=1_000_000,
        ge=1_000,
        description="Largest raw record in bytes; a larger one becomes a dead letter.",
    )
    journal_hours: int = Field(
        default=48,
        ge=0,
        description="Hours of chain time for which the journal keeps raw input; 0: all of it.",
    )
    retention_hours: int = Field(
        default=48, ge=1, description="Hours of chain time after which a raw record is too old."
    )
    fetch_documents: bool = Field(
        default=True,
        description="Fetch the documents behind the launches' uris; off while a recording brings "
        "them.",
    )

    collect_metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Port of the collector's metrics; 0 serves none."
    )

    @property
    def chain_seconds_per_second(self) -> float:
        """The speed as a number; infinite for max."""
        if self.speed is None:
            return 1.0 if self.as_live else float("inf")
        return float("inf") if self.speed == "max" else self.speed

    @property
    def journal_s(self) -> int | None:
        """The seconds of chain time that the journal keeps, None for all."""
        return self.journal_hours * 3_600 or None

    @property
    def journal(self) -> Path:
        """The folder of the journal."""
        return self.data / "journal"
