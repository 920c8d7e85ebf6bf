"""Counters for what happens thousands of times a second; Prometheus's own take a lock each time.

Only the event loop's thread counts, and it is that thread which shows them.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
BOUNDS = (*map(str, SECONDS), "+Inf")

Series = tuple[str, str, int]
"""A route, a method and a status; of each there are few."""


class Tally:
    """How often something has happened."""

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


class Times:
    """How many answers took how long, by the bound above, and all of them together."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets, self.seconds = [0] * len(BOUNDS), 0.0


class RequestTallies(Collector):
    """Counts answers by route, method and status, and the time that those of a route took."""

    def __init__(self) -> None:
        self._counts: defaultdict[Series, int] = defaultdict(int)
        self._times: defaultdict[str, Times] = defaultdict(Times)

    def add(self, series: Series, seconds: float) -> None:
        """Count one answer."""
        self._counts[series] += 1
        times = self._times[series[0]]
        times.buckets[bisect_left(SECONDS, seconds)] += 1
        times.seconds += seconds

    def collect(self) -> Iterator[Metric]:
        """Give all counts as they are."""
        requests = CounterMetricFamily(
            "btracker_api_requests_total",
            "Requests answered.",
            labels=("route", "method", "status"),
        )
        for (route, method, status), count in self._counts.items():
            requests.add_metric((route, method, str(status)), count)
        yield requests
        latency = HistogramMetricFamily(
            "btracker_api_request_seconds",
            "Time from the request to its answer.",
            labels=("route",),
        )
        for route, times in self._times.items():
            buckets = list(zip(BOUNDS, accumulate(times.buckets), strict=True))
            latency.add_metric((route,), buckets, times.seconds)
        yield latency
