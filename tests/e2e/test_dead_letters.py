"""Dead letters: listed with their reason, shown byte by byte, sent again once."""

import os
import subprocess

import pytest
from aiokafka import AIOKafkaProducer

from schemas.topics import DLQ_SUFFIX, RAW_CHAIN, TRADES
from streams import topics
from tests.brokers import Broker, on_both_brokers
from tests.e2e.deployment import BTRACKER
from tests.workers import Reader

pytestmark = [pytest.mark.slow, on_both_brokers]
REFUSED = [
    ("bt_kind", b"confirmed"),
    ("error", b"unreadable: half a line"),
    ("source_offset", b"9"),
]
BYTES = b'{"slot": \xff\n'


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with two dead letters of raw input, one cut off, and one of a public topic."""
    await topics.create(broker.kafka, partitions=2)
    cut = [*REFUSED, ("bt_bytes", b"5000000")]
    async with AIOKafkaProducer(**broker.kafka.options) as producer:
        for topic, headers in ((RAW_CHAIN, REFUSED), (RAW_CHAIN, cut), (TRADES, REFUSED)):
            name = topic.name + DLQ_SUFFIX
            await producer.send_and_wait(name, BYTES, key=b"k", partition=1, headers=headers)
    return broker


def deadletters(river: Broker, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a person does."""
    return subprocess.run(
        [BTRACKER, "deadletters", *arguments],
        env=os.environ | {"BTRACKER_KAFKA": river.address},
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip


def listed(river: Broker, *options: str) -> list[str]:
    """Return the ids that are listed."""
    done = deadletters(river, "list", *options)
    assert not done.stderr
    return [line.split()[0] for line in done.stdout.decode().splitlines()]


async def test_they_are_listed_and_shown_as_they_came(river: Broker) -> None:
    """Each has an id under which its reason and its very bytes are shown."""
    ids = listed(river)
    first = deadletters(river, "show", ids[0])

    assert ids == ["btracker.raw.chain:1:0", "btracker.raw.chain:1:1", "btracker.trades:1:0"]
    assert b"error: unreadable: half a line\n" in first.stdout
    assert deadletters(river, "show", "--raw", ids[0]).stdout == BYTES
    assert listed(river, "--topic", "btracker.trades") == ids[2:]
    nothing = deadletters(river, "list", "--topic", "btracker.posts")
    assert (b"", b"There are no dead letters.\n") == (nothing.stdout, nothing.stderr)


def peak_mb(river: Broker, *arguments: str) -> float:
    """Return the most memory that the command took, in MB."""
    running = subprocess.Popen(
        [BTRACKER, "deadletters", *arguments],
        env=os.environ | {"BTRACKER_KAFKA": river.address},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0
    return used.ru_maxrss / 1_000


async def test_many_are_listed_and_sent_again_in_little_memory(river: Broker) -> None:
    """They are as many as went wrong: 150 MB of them take less than a third of that."""
    usual = peak_mb(river, "list")
    async with AIOKafkaProducer(**river.kafka.options) as producer:
        for _ in range(300):
            name = RAW_CHAIN.name + DLQ_SUFFIX
            await producer.send_and_wait(name, bytes(500_000), partition=0, headers=REFUSED)

    assert peak_mb(river, "list") < usual + 50
    assert peak_mb(river, "retry", "--all") < usual + 50


async def test_what_is_sent_again_is_sent_once(river: Broker) -> None:
    """However often it is asked for, the record comes once, with the headers that it had first."""
    ids = listed(river)
    for _ in range(2):
        assert deadletters(river, "retry", ids[0]).returncode == 0
        assert deadletters(river, "retry", "--all").returncode == 0
    async with Reader(river, RAW_CHAIN.name) as reader:
        await reader.until_count(1)
        await reader.more()

        assert [(r.key, r.value, tuple(r.headers)) for r in reader.records] == [
            (b"k", BYTES, (("bt_kind", b"confirmed"),))
        ]
    assert listed(river) == ids[1:]
    assert sorted(listed(river, "--retried")) == sorted(ids)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["btracker.raw.chain:1:1"], b"only the beginning"),
        (["btracker.trades:1:0"], b"will make it again"),
        (["btracker.raw.chain:1:7"], b"There is no dead letter"),
        (["nonsense"], b"TOPIC:PARTITION:OFFSET"),
        ([], b"say --all"),
    ],
)
async def test_what_cannot_be_sent_again_is_said(
    river: Broker, asked: list[str], said: bytes
) -> None:
    """Wrong use is exit code 2 and one sentence, and nothing is sent."""
    done = deadletters(river, "retry", *asked)

    assert 2 == done.returncode
    assert said in done.stderr
    assert 1 == len(done.stderr.splitlines())
