"""A Kafka with TLS, logins and rights: all get in with what is documented, no other."""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import product
from pathlib import Path

import httpx
import pytest
import uvloop

from schemas.kafka import Kafka, KafkaSettings
from streams import epochs, topics
from streams.alter_configs import AlterTopic
from tests.caches import running_cache
from tests.e2e.deployment import BTRACKER, Deployment
from tests.kafka.guard import Guard, Papers, make_papers
from tests.kafka.rights import documented, give
from tests.kafka.server import KafkaServer, lacking
from tests.ports import free_port
from tests.unit.sources.recordings import demo_lines, write_recording

pytestmark = pytest.mark.slow

PROCESSES = ("btracker topics", "btracker collect", "btracker worker", "btracker index")
PASSWORDS = {name.replace(" ", "-"): f"horse-{name[9:]}-battery" for name in PROCESSES}
LINES = 300


class Door:
    """What a process is told to come in through the door for logins."""

    def __init__(self, server: KafkaServer, papers: Papers) -> None:
        self.server, self.papers = server, papers

    def environment(self, process: str, **other: object) -> dict[str, str]:
        """Return the environment of a process, with the user of its name."""
        user = process.replace(" ", "-")
        told = {
            "kafka": self.server.guarded("SASL_SSL"),
            "kafka_tls": "true",
            "kafka_ca": self.papers.ca,
            "kafka_sasl": "SCRAM-SHA-512",
            "kafka_user": user,
            "kafka_password": PASSWORDS.get(user),
            "partitions": 2,
            "ipfs_gateways": '["http://127.0.0.1:1/"]',
            **other,
        }
        return os.environ | {
            f"BTRACKER_{name.upper()}": str(value)
            for name, value in told.items()
            if value is not None
        }

    @property
    def certified(self) -> dict[str, str]:
        """The environment of one who comes with our certificate instead."""
        return self.environment(
            "",
            kafka=self.server.guarded("MUTUAL"),
            kafka_sasl="",
            kafka_user="",
            kafka_certificate=self.papers.client,
        )


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Give a Kafka where each process has a user of its own, with the rights of the document."""
    if reason := lacking():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("guarded")
    papers = make_papers(folder / "papers")
    server = KafkaServer(folder / "node", Guard(papers, PASSWORDS))
    server.start()
    try:
        own = {name: f"User:{name.replace(' ', '-')}" for name in PROCESSES}
        asyncio.run(give(Kafka(server.address), documented(), own))
        every = dict.fromkeys(PROCESSES, "User:CN=btracker")
        asyncio.run(give(Kafka(server.address), documented(), every))
        yield Door(server, papers)
    finally:
        server.kill()


def run(*arguments: str, env: Mapping[str, str]) -> tuple[int, str]:
    """Run a command to its end; return its exit code and all that it said."""
    done = subprocess.run(
        [BTRACKER, *arguments], env=env, text=True, timeout=60, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout


def secrets_in(text: str) -> list[str]:
    """Return the passwords that stand in *text*, whole or in part."""
    return [word for word in ("horse", "battery", *PASSWORDS.values()) if word in text]


def wait_until_shown(port: int, slot: int, *, within_s: float = 60) -> None:
    """Wait until an API shows the chain as complete through *slot*."""
    deadline, status = time.monotonic() + within_s, {}
    while time.monotonic() < deadline:
        try:
            status = httpx.get(f"http://127.0.0.1:{port}/v1/status").json()
        except httpx.TransportError:
            status = {}
        if status and status["chain"]["completeThroughSlot"] >= slot:
            return
        time.sleep(0.2)
    raise AssertionError(status)


async def lengthen(door: Door, topic: str) -> None:
    """Let the segments of a topic span more than they should."""
    async with topics.admin(Kafka(door.server.address)) as client:
        await client._send_request(AlterTopic(topic, [("segment.ms", "1000000000")]))


def test_every_process_gets_along_with_its_documented_rights(door: Door, tmp_path: Path) -> None:
    """Over TLS, each with its own user and no other right, a recording gets from end to end."""
    recording = write_recording(tmp_path / "hours", demo_lines(LINES))
    slot, port = json.loads(demo_lines(LINES)[-1])["slot"], free_port()
    told = {
        "data": tmp_path / "data",
        "store": f"sqlite:///{tmp_path}/store.sqlite",
        "recording": recording,
        "port": port,
    }
    admin = door.environment("btracker topics")
    created, said = run("topics", "create", env=admin)
    outputs = []
    with ExitStack() as stack:
        told["redis"] = stack.enter_context(running_cache()).url
        for name in ("collect", "worker", "index", "api"):
            output = stack.enter_context((tmp_path / f"{name}.txt").open("w+"))
            process = subprocess.Popen(
                [BTRACKER, name],
                env=door.environment(f"btracker {name}", **told),
                stdout=output,
                stderr=output,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            outputs.append(output)
        wait_until_shown(port, slot)
        outputs = [output.seek(0) or output.read() for output in outputs]

    assert (0, "") == (created, said.partition("Created")[0])
    asyncio.run(lengthen(door, "btracker.trades"))
    applied, said = run("topics", "check", "--apply", env=admin)

    assert (0, 2) == (applied, len(said.splitlines())), said
    assert [[]] * len(outputs) == [secrets_in(output) for output in outputs]


def test_a_whole_deployment_comes_with_a_certificate(door: Door, tmp_path: Path) -> None:
    """``up`` and the commands beside it, where TLS says who we are and there is no login."""
    recording = write_recording(tmp_path / "hours", demo_lines(LINES))
    data, kafka = ("--data", str(tmp_path / "data")), door.server.guarded("MUTUAL")
    options = ("--recording", str(recording), "--speed", "max", "--kafka", kafka)
    with Deployment(tmp_path / "data", *options, env=door.certified) as up:
        up.wait(json.loads(demo_lines(LINES)[-1])["slot"])
        commands = (
            ("topics", "list", *data),
            ("topics", "check", *data),
            ("doctor", *data),
            ("deadletters", "list", *data),
            ("record", str(tmp_path / "recorded"), "--until-end", *data),
            ("replay", str(recording), "--speed", "max", *data),
        )
        env = door.certified
        del env["BTRACKER_KAFKA"]
        outcomes = [run(*command, env=env) for command in commands]

    assert [0] * len(commands) == [code for code, _ in outcomes], outcomes
    assert f"ok    Kafka at {kafka}" in outcomes[2][1]


WRONG = {
    "password": ({"kafka_password": "donkey"}, "knows no user btracker-topics with this password"),
    "user": ({"kafka_user": "nobody"}, "knows no user nobody with this password"),
    "mechanism": ({"kafka_sasl": "PLAIN"}, "offers another login than PLAIN"),
    "authority": ({"kafka_ca": None}, "The certificate of the Kafka at"),
    "host": ({"kafka": "localhost"}, "is not to be trusted (Hostname mismatch"),
    "no TLS": ({"kafka_tls": "false", "kafka_ca": None}, "hangs up on us"),
}


WHO = [
    *(("topics list", wrong) for wrong in WRONG),
    *product(("worker", "collect", "index", "up"), ("password", "authority")),
]


@pytest.mark.parametrize(("command", "wrong"), WHO)
def test_who_is_not_let_in_is_told_why_in_one_sentence(
    command: str, wrong: str, door: Door, tmp_path: Path
) -> None:
    """It ends with a failure, nothing is started, and no password is in what it says."""
    changes, sentence = WRONG[wrong]
    address = door.server.guarded("SASL_SSL")
    if host := changes.get("kafka"):
        address = address.replace("127.0.0.1", host)
    env = door.environment("btracker topics", **{**changes, "kafka": address, "data": tmp_path})
    options = ("--kafka", address, "--data", str(tmp_path / "data")) if command == "up" else ()
    code, said = run(*command.split(), *options, env=env)
    lines = [line for line in said.splitlines() if "Whoever is on the way" not in line]

    assert code in {1, 2}
    assert 1 == len(lines), said
    assert sentence in lines[0]
    assert [] == secrets_in(said.replace("donkey", "horse"))
    assert not (tmp_path / "data").exists()


def test_leaving_waits_for_no_answer(door: Door) -> None:
    """A client that is done goes at once, in whichever loop; else each would take 30 s at times."""
    admin = door.environment("btracker topics")
    own = {n.lower(): v for n, v in admin.items() if n.startswith("BTRACKER_KAFKA")}
    kafka = KafkaSettings(**{n.removeprefix("btracker_"): v for n, v in own.items()}).cluster

    async def come_and_go() -> None:
        await topics.create(kafka, partitions=2)
        for _ in range(20):
            began = time.monotonic()
            await epochs.known(kafka)
            assert 5 > time.monotonic() - began

    asyncio.run(come_and_go())
    uvloop.run(come_and_go())


def test_a_door_that_wants_a_certificate_hangs_up_on_who_has_none(door: Door) -> None:
    """The sentence names what it may want."""
    env = {**door.certified, "BTRACKER_KAFKA_CERTIFICATE": ""}
    code, said = run("topics", "list", env=env)

    assert 1 == code
    assert "hangs up on us; does it want another BTRACKER_KAFKA_TLS, _CERTIFICATE" in said
    assert 1 == len(said.splitlines())
