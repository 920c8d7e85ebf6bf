"""What the collector counts of dollar prices (Prometheus). ``source`` is ``dollars:SYMBOL``."""

from prometheus_client import Counter, Gauge

POLLS = Counter(
    "btracker_dollars_polls_total",
    "Looks at the sources of a dollar price, by outcome: priced, failed.",
    ("source", "outcome"),
)
TIME = Gauge(
    "btracker_dollars_time_seconds", "The time of the newest dollar price, since 1970.", ("source",)
)
