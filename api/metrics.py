"""What the API counts, for Prometheus; every label has a bounded set of values."""

from collections.abc import Iterable
from functools import cache, partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class Tally:
    """A counter for what happens too often for one with a lock; only the loop's thread counts."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def inc(self) -> None:
        """Count one."""
        self.count += 1


class Tallied(Collector):
    """Shows a tally to Prometheus."""

    def __init__(self, name: str, text: str, tally: Tally) -> None:
        self._name, self._text, self._tally = name, text, tally

    def collect(self) -> Iterable[Metric]:
        """Give its count as it is."""
        yield CounterMetricFamily(self._name, self._text, value=self._tally.count)


class Metrics:
    """The counters of one app, in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        counter = partial(Counter, registry=registry)
        gauge = partial(Gauge, registry=registry)
        labels = ("route", "method", "status")
        self._requests = counter("btracker_api_requests_total", "Requests answered.", labels)
        self._latency = Histogram(
            "btracker_api_request_seconds",
            "Time from the request to its answer.",
            ("route",),
            buckets=SECONDS,
            registry=registry,
        )
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
        requests, latency = self._series(route, known, status)
        requests.inc()
        latency.observe(seconds)

    @cache  # noqa: B019  (As many entries as there are series; it lives as long as the app.)
    def _series(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(route, method, str(status)), self._latency.labels(route)

    def page(self) -> bytes:
        """Return the text that Prometheus scrapes."""
        return generate_latest(self.registry)
