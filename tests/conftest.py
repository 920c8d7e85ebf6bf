"""Fixtures that many tests share."""

import gc
from collections.abc import Iterator

import pytest

from tests.brokers import Broker, running_broker


@pytest.fixture
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Give a Kafka without any topic of ours, for this test alone."""
    with running_broker(getattr(request, "param", "embedded")) as running:
        yield running


@pytest.fixture(autouse=True, scope="module")
def _nothing_left_open() -> Iterator[None]:
    """Find connections and files that tests left open here, not in whichever test comes later."""
    yield
    gc.collect()
