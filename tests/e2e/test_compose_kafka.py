"""The Kafka of ``docker/`` starts with the settings it is given there, and lets our processes in.

There is no container engine here: it is the same server, told the same, on other ports.
"""

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.compose import FOLDER, PLAIN, TLS, properties, services
from tests.e2e.deployment import BTRACKER
from tests.kafka.server import KafkaServer, lacking
from tests.ports import free_port

pytestmark = pytest.mark.slow

WORD = "correct-horse-battery"


class ComposedServer(KafkaServer):
    """The service ``kafka`` of Compose files."""

    def __init__(self, folder: Path, files: tuple[Path, ...]) -> None:
        self.services = services(files)
        self.papers = folder / "papers"
        self._client = free_port()
        super().__init__(folder / "node")

    def translated(self, text: str) -> str:
        """Return what is said in a container as it is said on this machine."""
        said = {
            "kafka:9092": f"127.0.0.1:{self._client}",
            "0.0.0.0:9092": f"127.0.0.1:{self._client}",
            "127.0.0.1:9094": self.address,
            "127.0.0.1:9093": f"127.0.0.1:{self._controller}",
            "/certificates": str(self.papers),
            "/var/lib/kafka/data": str(self._folder / "log"),
            "$$BTRACKER_KAFKA_PASSWORD": WORD,
        }
        for ours, theirs in said.items():
            text = text.replace(ours, theirs)
        return text

    def _properties(self) -> str:
        told = properties(self.services["kafka"]["environment"])
        return "".join(f"{name}={self.translated(value)}\n" for name, value in told.items())

    def add_users(self) -> None:
        """Do what the service ``users`` does."""
        (command,) = self.services["users"]["command"]
        program, *arguments = shlex.split(self.translated(command))

        assert program.endswith("kafka-configs.sh")
        self._java("kafka.admin.ConfigCommand", *arguments)

    def environment(self, service: str) -> dict[str, str]:
        """Return what a service of ours is told."""
        told = self.services[service]["environment"]
        return os.environ | {name: self.translated(value) for name, value in told.items()}


def run(*arguments: str, env: Mapping[str, str]) -> tuple[int, str]:
    """Run a command; return its exit code and all that it said."""
    done = subprocess.run(
        [BTRACKER, *arguments], env=env, text=True, timeout=60, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize("files", [PLAIN, TLS], ids=["plain", "tls"])
def test_the_topics_are_created_on_the_kafka_of_compose(files, tmp_path: Path) -> None:
    """With the certificates of our script and the user of the override, where there is one."""
    if reason := lacking():
        pytest.skip(reason)
    server = ComposedServer(tmp_path, files)
    script = FOLDER / "make-certificates.sh"
    subprocess.run(["sh", script, server.papers, "kafka", "127.0.0.1"], check=True)
    try:
        server.start()
        env = server.environment("topics")
        if files == TLS:
            server.add_users()
            stranger = env | {"BTRACKER_KAFKA_PASSWORD": WORD[1:]}
            code, said = run("topics", "create", env=stranger)
            assert (2, True) == (code, "knows no user btracker with this password" in said)
            env["BTRACKER_KAFKA_PASSWORD"] = WORD
        created = run("topics", "create", env=env)

        assert (0, "Created") == (created[0], created[1].partition(" ")[0])
        assert (0, "All topics are as they should be.\n") == run("topics", "check", env=env)
    finally:
        server.kill()
