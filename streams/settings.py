"""What a worker can be told by its environment (``BTRACKER_…``)."""

from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from schemas.kafka import KafkaSettings

EMBEDDED: Final = {
    "session_timeout_s": 6.0,
    "rebalance_timeout_s": 6.0,
    "heartbeat_interval_s": 1.0,
    "fetch_max_wait_ms": 7,
    "fencing": False,
}
"""What differs with the embedded broker: it holds a join back for half of the rebalance timeout,
does not wake a waiting fetch when something is appended, and has no transactions."""


class StreamSettings(KafkaSettings):
    """How a worker reaches Kafka, and how it behaves there."""

    group: str = Field(default="btracker", description="Consumer group of the workers.")
    agents: tuple[str, ...] = Field(
        default=(),
        description="Agents to run, as a JSON list; empty runs them all. Part of the group.",
    )
    partitions: int = Field(
        default=4, ge=1, description="Partitions of every topic that is spread; fixed once created."
    )
    replication: int = Field(default=1, ge=1, description="Replicas of each topic we create.")
    fetch_max_wait_ms: int = Field(
        default=20, ge=1, description="How long Kafka may hold an empty fetch, in ms."
    )
    session_timeout_s: float = Field(
        default=6.0,
        gt=0,
        description="A worker unheard of for so many seconds loses its partitions.",
    )
    rebalance_timeout_s: float = Field(
        default=20.0,
        gt=0,
        description="Seconds the workers have to let go of partitions in a rebalance.",
    )
    heartbeat_interval_s: float = Field(
        default=2.0, gt=0, description="Seconds between heartbeats."
    )
    request_timeout_s: float = Field(
        default=30.0, gt=0, description="Seconds until an unanswered write stops the worker."
    )
    fencing: bool = Field(
        default=True,
        description="Let the broker refuse what a worker writes for a partition it has lost. "
        "Needs transactions; without them run one worker.",
    )
    tables: Path | None = Field(
        default=None,
        description="Folder of this worker alone for checkpoints of its tables, so that a start "
        "reads only what is newer; none if empty.",
    )
    tables_every_s: float = Field(
        default=10.0, gt=0, description="Seconds between two writes of checkpoints."
    )
    rows_mb: int = Field(
        default=4_000,
        ge=1,
        description="Megabytes that rows may take in a worker's memory, about. With more it takes "
        "nothing new until other workers have taken partitions over.",
    )
    standby_replicas: int = Field(
        default=0,
        ge=0,
        description="Other workers that keep the rows of each partition in memory, ready to take "
        "it over.",
    )
    retention_hours: int = Field(
        default=48, ge=1, description="Hours of chain time after which a raw record is too old."
    )
    stop_grace_s: float = Field(
        default=8.0, gt=0, description="Seconds a worker has to stop cleanly before it is ended."
    )
    match_early_s: float = Field(
        default=10.0,
        ge=0,
        description="Seconds by which a token may be launched before the post that asked for it.",
    )
    read_with: Literal["auto", "onnx", "torch", "keywords", "nothing"] = Field(
        default="auto",
        description="What reads what projects are about: auto is ONNX Runtime, or words alone "
        "where it has no weights; with nothing, `btracker up` starts no reader.",
    )
    read_head: Path | None = Field(
        default=None,
        description="A head that `btracker nlp train` has written, for the reader of projects.",
    )
    stream_metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Port of the worker's metrics; 0 serves none."
    )

    @model_validator(mode="after")
    def _in_step(self) -> Self:
        """Return the settings.

        Raises:
            ValueError: a worker could not be heard within its session, or not wait for an answer
                as long as Kafka waits for it.
        """
        if self.heartbeat_interval_s >= self.session_timeout_s:
            raise ValueError("BTRACKER_HEARTBEAT_INTERVAL_S must be less than the session's time")
        if self.request_timeout_s < self.session_timeout_s:
            raise ValueError(
                "BTRACKER_REQUEST_TIMEOUT_S must not be less than BTRACKER_SESSION_TIMEOUT_S"
            )
        return self

    @property
    def group_id(self) -> str:
        """The consumer group: workers that run different agents must not share one."""
        return ".".join((self.group, *sorted(self.agents)))
