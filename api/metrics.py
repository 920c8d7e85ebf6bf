"""What the API counts, for Prometheus; every label has a bounded set of values."""

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from api.tallies import RequestTallies, Tallied, Tally

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class Metrics:
    """The counters of one app, in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        counter = partial(Counter, registry=registry)
        gauge = partial(Gauge, registry=registry)
        self._requests = RequestTallies()
        registry.register(self._requests)
        self.denied = counter(
            "btracker_api_denied_total", "Requests and live clients refused, by code.", ("code",)
        )
        self.graphql = counter(
            "btracker_graphql_queries_total",
            "GraphQL queries: answered, partial (with errors) or refused.",
            ("outcome",),
        )
        self.connections = gauge("btracker_ws_connections", "Live clients, WebSocket and SSE.")
        self.closed = counter(
            "btracker_ws_closed_total", "WebSocket connections closed by the server.", ("code",)
        )
        self.sent = Tally()
        sent = "Messages sent, after merging."
        registry.register(Tallied("btracker_ws_messages_total", sent, self.sent))
        self.merged = counter(
            "btracker_ws_merged_total", "Messages merged into a newer one for a slow client."
        )
        self.skipped = counter("btracker_ws_gaps_total", "Gaps announced to slow clients.")
        self.complete = gauge(
            "btracker_complete_through_slot", "Slot through which everything is visible here."
        )

    def answered(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer; *route* is a path template, never a path."""
        known = method if method in METHODS else "other"
        self._requests.add((route, known, status), seconds)

    def page(self) -> bytes:
        """Return the text that Prometheus scrapes."""
        return generate_latest(self.registry)
