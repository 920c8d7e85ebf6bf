"""Fixtures that many tests share."""

from collections.abc import Iterator

import pytest

from tests.brokers import Broker, running_broker


@pytest.fixture
def broker() -> Iterator[Broker]:
    """Give a Kafka without any topic of ours, for this test alone."""
    with running_broker() as running:
        yield running
