"""What the API counts, for Prometheus; every label has a bounded set of values."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import partial
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class Requests(Collector):
    """Requests answered and how long they took, added up without locks: by one thread alone.

    The library's own counters take a tenth of what a hot request costs in all.
    """

    def __init__(self) -> None:
        self._series: dict[tuple[str, str, int], list[float]] = {}

    def add(self, name: tuple[str, str, int], seconds: float) -> None:
        """Count an answer of a route, a method and a status."""
        series = self._series.get(name)
        if series is None:
            series = self._series[name] = [0.0] * (len(SECONDS) + 2)
        series[bisect_left(SECONDS, seconds)] += 1
        series[-1] += seconds

    def collect(self) -> Iterator[Metric]:
        """Yield what Prometheus is told: how many, and per route how long they took."""
        labels = ("route", "method", "status")
        count = CounterMetricFamily("btracker_api_requests", "Requests answered.", labels=labels)
        routes: dict[str, list[float]] = {}
        for (route, method, status), series in self._series.items():
            count.add_metric((route, method, str(status)), sum(series[:-1]))
            known = routes.get(route, [0.0] * len(series))
            routes[route] = [a + b for a, b in zip(known, series, strict=True)]
        yield count
        text = "Time from the request to its answer."
        times = HistogramMetricFamily("btracker_api_request_seconds", text, labels=["route"])
        for route, series in routes.items():
            counts = zip((*map(str, SECONDS), "+Inf"), accumulate(series[:-1]), strict=True)
            times.add_metric((route,), list(counts), series[-1])
        yield times


class Tally(Collector):
    """A counter without a lock, for what is counted for each message: by one thread alone."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text, self._count = name, text, 0

    def inc(self) -> None:
        """Count one."""
        self._count += 1

    def collect(self) -> Iterator[Metric]:
        """Yield what Prometheus is told."""
        yield CounterMetricFamily(self._name, self._text, value=self._count)


class Metrics:
    """The counters of one app, in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        counter = partial(Counter, registry=registry)
        gauge = partial(Gauge, registry=registry)
        self._requests = Requests()
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
        self.sent = Tally("btracker_ws_messages", "Messages sent, after merging.")
        registry.register(self.sent)
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
