"""Apache Kafka itself, one node, from its Maven artefacts; it keeps its log when it is killed."""

import hashlib
import os
import shutil
import subprocess
import uuid
from base64 import urlsafe_b64encode
from functools import cache
from pathlib import Path

from tests.ports import free_port, until_listening

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
JARS = HERE.parents[1] / ".cache" / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
PATIENCE_S = 60.0
HEAP = ("-Xmx512m", "-Xms256m", "-XX:TieredStopAtLevel=1")


@cache
def lacking() -> str | None:
    """Return why Apache Kafka cannot be had here, None when it can; fetches it the first time."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            return f"Apache Kafka needs {program}, which is not installed"
    stamp = JARS / "complete"
    if not stamp.exists():
        fetched = subprocess.run(
            [
                "mvn", "--quiet", "--batch-mode", "--file", str(POM),
                "dependency:copy-dependencies", "-DincludeScope=runtime",
                f"-DoutputDirectory={JARS}",
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if fetched.returncode:
            return f"Apache Kafka could not be fetched: {fetched.stdout[-500:]}"
        stamp.touch()
    return None


class KafkaServer:
    """One node, broker and controller in one process, with its log in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port, self._controller = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        self._config = folder / "server.properties"
        self._config.write_text(self._properties())
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self._java("kafka.tools.StorageTool", "format", "-t", cluster, "-c", self._config).wait()

    @property
    def address(self) -> str:
        """Where it is, HOST:PORT."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = self._java("kafka.Kafka", self._config)
        until_listening(self._port, self._process, within_s=PATIENCE_S)

    def kill(self) -> None:
        """Kill it at once, as a crash of its machine would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _java(self, main: str, *arguments: object) -> subprocess.Popen[bytes]:
        with (self._folder / "output.txt").open("ab") as output:
            return subprocess.Popen(
                ["java", *HEAP, "-cp", f"{JARS}/*", main, *map(str, arguments)],
                stdout=output,
                stderr=output,
                env=os.environ | {"LC_ALL": "C"},
            )

    def _properties(self) -> str:
        listeners = f"PLAINTEXT://127.0.0.1:{self._port},CONTROLLER://127.0.0.1:{self._controller}"
        settings = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller}",
            "listeners": listeners,
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self._port}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": self._folder / "log",
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 1,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.num.partitions": 1,
            "transaction.state.log.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            "auto.create.topics.enable": "false",
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())
