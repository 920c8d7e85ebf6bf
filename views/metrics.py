"""What the index process counts (Prometheus)."""

from prometheus_client import Counter, Gauge, Histogram

RECORDS = Counter(
    "btracker_index_records_total",
    "Records of public topics by what became of them: written, dead_lettered.",
    ("topic", "outcome"),
)
WRITE_SECONDS = Histogram("btracker_index_write_seconds", "Time that one batch took to write.")
RETRIES = Counter(
    "btracker_index_retries_total", "Attempts that failed because a server was out of reach.",
    ("stage",),
)  # fmt: skip
LAG = Gauge(
    "btracker_index_lag_records", "Records of public topics that are not in the store yet.",
    ("topic",),
)  # fmt: skip
FRAMES = Counter("btracker_live_frames_total", "Frames published, by channel.", ("channel",))
LIVE_PAUSED = Gauge("btracker_live_paused", "1 while the cache is out of reach, else 0.")
STORE_DOWN = Gauge("btracker_store_down", "1 while the store's server does not answer, else 0.")
STORE_BUSY = Gauge(
    "btracker_store_busy_records", "Records that wait because the store's server is too busy."
)
