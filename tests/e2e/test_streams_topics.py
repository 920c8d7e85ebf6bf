"""Topics: created once, registered with their creation time, refused when of another size."""

import pytest

from domain.errors import UsageError
from schemas.topics import CATALOGUE, DLQ_SUFFIX, EVENTS, RAW_CHAIN, RAW_X, TOKENS
from streams import epochs, topics
from tests.brokers import Broker, on_both_brokers

pytestmark = [pytest.mark.slow, on_both_brokers]


async def test_creating_twice_creates_once(broker: Broker) -> None:
    """What is there stays, with its epoch."""
    first = await topics.create(broker.kafka, partitions=3)
    known = await epochs.known(broker.kafka)
    second = await topics.create(broker.kafka, partitions=3)

    assert {topic.name for topic in CATALOGUE} < set(first)
    assert [] == second
    assert known == await epochs.known(broker.kafka)


async def test_every_topic_has_the_partitions_of_the_catalogue(broker: Broker) -> None:
    """Spread topics have the deployment's number, their dead letter topics the same."""
    await topics.create(broker.kafka, partitions=3)
    survey = {name: has for name, _, has in await topics.survey(broker.kafka, partitions=3)}

    assert 3 == survey[EVENTS.name] == survey[EVENTS.name + DLQ_SUFFIX] == survey[TOKENS.name]
    assert 1 == survey[RAW_X.name] == survey[RAW_X.name + DLQ_SUFFIX]


async def test_another_number_of_partitions_is_refused_with_both_numbers(broker: Broker) -> None:
    """The error names the topic and the two numbers."""
    await topics.create(broker.kafka, partitions=3)
    with pytest.raises(UsageError, match="has 3 partitions, this deployment wants 5"):
        await topics.create(broker.kafka, partitions=5)


async def test_a_topic_that_is_missing_is_named(broker: Broker) -> None:
    """Checking creates nothing and names what is missing."""
    missing = await topics.check(broker.kafka, partitions=3, topics=(RAW_CHAIN,))
    again = await topics.check(broker.kafka, partitions=3, topics=(RAW_CHAIN,))

    assert {RAW_CHAIN.name, RAW_CHAIN.name + DLQ_SUFFIX} < set(missing)
    assert missing == again


async def test_epochs_are_wall_clock_and_grow(broker: Broker) -> None:
    """What is created later has a later epoch."""
    before = epochs.epoch_now()
    await topics.create(broker.kafka, partitions=1, topics=(RAW_CHAIN,))
    between = epochs.epoch_now()
    await topics.create(broker.kafka, partitions=1, topics=(EVENTS,))
    known = await epochs.known(broker.kafka)

    assert before <= known[RAW_CHAIN.name] <= between <= known[EVENTS.name] <= epochs.epoch_now()
