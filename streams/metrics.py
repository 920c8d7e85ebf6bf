"""What a worker counts (Prometheus)."""

from prometheus_client import Counter, Gauge, Histogram

RECORDS = Counter(
    "btracker_stream_records_total",
    "Records by topic and what became of them: delivered, written, dead_lettered.",
    ("topic", "outcome"),
)
UNKNOWN = Counter(
    "btracker_decode_unknown_total",
    "Instructions and events, by protocol, that no IDL of ours has: a program was upgraded.",
    ("protocol",),
)
RECORDS_PER_CHUNK = Histogram(
    "btracker_stream_chunk_records",
    "Records per chunk.",
    ("topic",),
    buckets=(1, 3, 10, 30, 100, 300, 1_000),
)
LAG = Gauge(
    "btracker_stream_lag_records",
    "Records of a partition that were not delivered yet.",
    ("topic", "partition"),
)
IN_FLIGHT = Gauge(
    "btracker_stream_in_flight_chunks",
    "Chunks of a partition that wait to become durable.",
    ("topic", "partition"),
)
FAILURES = Counter(
    "btracker_stream_failures_total",
    "Failures that stopped the worker.",
    ("stage",),
)
RECOVERED = Counter(
    "btracker_recovered_records_total",
    "Rows read into memory, by table and source: checkpoint, changelog, standby (in advance).",
    ("table", "source"),
)
RECOVERING = Gauge(
    "btracker_recovering_records",
    "Offsets of changelogs that are still to be read before work begins.",
)
STANDBY_LAG = Gauge(
    "btracker_standby_lag_records",
    "Offsets of a changelog by which its standby rows are behind.",
    ("table", "partition"),
)
RECOVERY_SECONDS = Gauge(
    "btracker_recovery_seconds",
    "How long the last recovery took, from the assignment of partitions until work began.",
)
TABLE_ROWS = Gauge(
    "btracker_table_rows",
    "Rows in memory, those of standby partitions too.",
    ("table", "partition"),
)
TABLE_BYTES = Gauge(
    "btracker_table_bytes",
    "What these rows take in memory, about.",
    ("table", "partition"),
)
TABLES_FULL = Gauge(
    "btracker_tables_full",
    "1 while nothing new is taken because rows take more than BTRACKER_ROWS_MB.",
)
CHECKPOINT_ROWS = Gauge(
    "btracker_checkpoint_waiting_rows",
    "Durable rows that wait to be written into checkpoints.",
)
CHECKPOINT_WRITTEN = Counter(
    "btracker_checkpoint_written_rows_total",
    "Rows written into checkpoints.",
)
CHECKPOINT_FAILURES = Counter(
    "btracker_checkpoint_failures_total",
    "Checkpoints that were damaged, or could not be written.",
)
