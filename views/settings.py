"""Settings of the index process and of whatever opens the store."""

from pydantic import Field

from schemas.kafka import KafkaSettings


class ViewSettings(KafkaSettings):
    """Where topics are read, where views are kept, how the live feed is carried."""

    store: str = Field(
        "sqlite:///data/store.sqlite",
        description="The store of views: sqlite:///PATH (four slashes: absolute), or "
        "elasticsearch://HOST:PORT, https://USER:PASSWORD@HOST:PORT, https://:APIKEY@HOST:PORT, "
        "with /PREFIX behind it where indices are not to be called btracker-….",
    )
    store_trade_days: int = Field(
        0,
        ge=0,
        description="Days of trades, of 216,000 slots each, that an Elasticsearch keeps; 0: all.",
    )
    redis: str = Field(
        "redis://127.0.0.1:6379/0", description="The cache that carries the live feed."
    )
    index_group: str = Field("btracker-index", description="Consumer group of the indexer.")
    index_batch_records: int = Field(
        2000, ge=1, description="Records written to the store together, at most."
    )
    index_linger_ms: int = Field(
        100, ge=0, description="How long the indexer gathers records for one write, at most."
    )
    fetch_max_wait_ms: int = Field(
        5, ge=0, description="How long the broker may hold a fetch that finds nothing."
    )
    live_history_frames: int = Field(
        256, ge=1, description="Frames of one channel key that can be resumed, at most."
    )
    live_history_s: int = Field(
        900, ge=1, description="How long an idle channel key can be resumed, at least."
    )
    board_size: int = Field(100, ge=1, le=1000, description="Tokens on a live board.")
    board_interval_ms: int = Field(
        100, ge=10, description="Least time between two frames of one board."
    )
    index_metrics_port: int = Field(
        0, ge=0, le=65535, description="Port of the index process's metrics; 0: none."
    )
