"""What the API counts, for Prometheus; every label has a bounded set of values."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class Metrics:
    """The counters of one app, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "btracker_api_requests_total",
            "Requests answered.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._latency = Histogram(
            "btracker_api_request_seconds",
            "Time from the request to its answer.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.connections = Gauge(
            "btracker_ws_connections", "WebSocket connections open.", registry=self.registry
        )
        self.closed = Counter(
            "btracker_ws_closed_total",
            "WebSocket connections closed by the server.",
            ("code",),
            registry=self.registry,
        )
        self.sent = Counter(
            "btracker_ws_messages_total",
            "Messages sent to live clients, after merging.",
            registry=self.registry,
        )
        self.merged = Counter(
            "btracker_ws_merged_total",
            "Messages merged into a newer one for a client that reads slowly.",
            registry=self.registry,
        )
        self.skipped = Counter(
            "btracker_ws_gap_total",
            "Gaps announced to clients that read too slowly for trades.",
            registry=self.registry,
        )
        self.complete = Gauge(
            "btracker_complete_through_slot",
            "Slot through which everything is visible here.",
            registry=self.registry,
        )

    def answered(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer; *route* is a path template, never a path."""
        known = method if method in METHODS else "other"
        self._requests.labels(route, known, str(status)).inc()
        self._latency.labels(route).observe(seconds)

    def page(self) -> bytes:
        """Return the text that Prometheus scrapes."""
        return generate_latest(self.registry)
