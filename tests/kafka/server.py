"""Apache Kafka itself, one node, from its Maven artefacts; it keeps its log when it is killed."""

import atexit
import hashlib
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from tests import maven
from tests.kafka.guard import Guard
from tests.ports import free_port, until_listening

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
HOME = maven.CACHE / f"apache-kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
PATIENCE_S = 60.0
FORMATTED: list[Path] = []
"""An empty log to begin from, once there is one: making it takes a Java process of its own."""
CLASSES = HOME / "classes.jsa"
"""What Java has made of the classes of a start; it halves the work of all later ones."""
JAVA = ("java", "-Xmx512m", "-Xms256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


@cache
def lacking() -> str | None:
    """Return why Apache Kafka cannot be had here, None when it can; fetches it the first time."""
    reason = maven.lacking("Apache Kafka", POM, HOME, lambda _: None)
    if reason is None and not CLASSES.exists():
        _keep_classes()
    return reason


def _keep_classes() -> None:
    with tempfile.TemporaryDirectory(dir=HOME) as folder:
        kept = Path(folder) / CLASSES.name
        server = KafkaServer(Path(folder) / "node", options=(f"-XX:ArchiveClassesAtExit={kept}",))
        server.start()
        server.stop()
        with suppress(FileNotFoundError):  # A Java that cannot do it only says so.
            kept.rename(CLASSES)


class KafkaServer:
    """One node, broker and controller in one process, with its log in *folder*.

    Its own door, at ``address``, is open to all; with a *guard* there are doors that are not.
    """

    def __init__(
        self, folder: Path, guard: Guard | None = None, *, options: Sequence[str] = ()
    ) -> None:
        self._folder, self._guard, self._options = folder, guard, options
        self._port, self._controller = free_port(), free_port()
        self._guarded = {name: free_port() for name in ("SASL_SSL", "MUTUAL") if guard}
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        self._config = folder / "server.properties"
        self._config.write_text(self._properties())
        if FORMATTED and not guard:
            shutil.copytree(FORMATTED[0], folder / "log")
        else:
            self._format()

    def _format(self) -> None:
        """Make an empty log; where nobody has to log in, all others are copies of the first."""
        # One that begins with a dash would be taken for an option.
        cluster = "k" + urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        guard = self._guard
        users = [word for one in guard.credentials for word in ("-S", one)] if guard else []
        # With "=", for an id may begin with a dash.
        given = (f"--cluster-id={cluster}", f"--config={self._config}", *users)
        self._java("kafka.tools.StorageTool", "format", *given)
        if not guard:
            kept = tempfile.TemporaryDirectory(prefix="kafka-formatted-")
            atexit.register(kept.cleanup)
            FORMATTED.append(shutil.copytree(self._folder / "log", Path(kept.name) / "log"))

    @property
    def address(self) -> str:
        """Where it is, HOST:PORT."""
        return f"127.0.0.1:{self._port}"

    def guarded(self, door: str) -> str:
        """Where a guarded door is, HOST:PORT."""
        return f"127.0.0.1:{self._guarded[door]}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = self._spawn("kafka.Kafka", self._config)
        until_listening(self._port, self._process, within_s=PATIENCE_S)

    def kill(self) -> None:
        """Kill it at once, as a crash of its machine would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        assert self._process is not None
        self._process.terminate()
        self.wait()

    def pause(self) -> None:
        """Let it answer nothing, as a machine that swaps would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on as if nothing had happened."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def fill_disk(self, bytes_left: int = 0) -> None:
        """Let no file of its log grow beyond *bytes_left*; a new start makes room."""
        assert self._process is not None
        limits = (bytes_left, resource.RLIM_INFINITY)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, limits)

    def wait(self) -> None:
        """Wait until it has ended by itself."""
        if self._process is not None:
            self._process.wait(PATIENCE_S)

    def _java(self, main: str, *arguments: object) -> None:
        code = self._spawn(main, *arguments).wait()
        assert code == 0, (self._folder / "output.txt").read_text()[-2_000:]

    def _spawn(self, main: str, *arguments: object) -> subprocess.Popen[bytes]:
        classes = (f"-XX:SharedArchiveFile={CLASSES}",) if CLASSES.exists() else ()
        options = (*classes, *self._options)
        with (self._folder / "output.txt").open("ab") as output:
            return subprocess.Popen(
                [*JAVA, *options, "-cp", f"{HOME}/lib/*", main, *map(str, arguments)],
                stdout=output,
                stderr=output,
                env=os.environ | {"LC_ALL": "C"},
            )

    def _properties(self) -> str:
        doors = {"PLAINTEXT": self._port, **self._guarded}
        advertised = ",".join(f"{name}://127.0.0.1:{port}" for name, port in doors.items())
        settings = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller}",
            "listeners": f"{advertised},CONTROLLER://127.0.0.1:{self._controller}",
            "advertised.listeners": advertised,
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
            "SASL_SSL:SASL_SSL,MUTUAL:SSL",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": self._folder / "log",
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 1,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.num.partitions": 1,
            "transaction.state.log.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            "auto.create.topics.enable": "false",
            **(self._guard.properties if self._guard else {}),
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())
