"""Elasticsearch itself, one node, from its Maven artefacts; it keeps its data when it is killed."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from functools import cache
from pathlib import Path

from tests import maven
from tests.ports import free_port, until_listening

HERE = Path(__file__).parent
POM, MODULE = HERE / "pom.xml", HERE / "plugin-descriptor.properties"
LAUNCHER, LOGGING = HERE / "Launcher.java", HERE / "log4j2.properties"
VERSION = os.environ.get("ELASTIC_VERSION", "8.19.5")
"""Others, such as 9.2.0, are had by asking for them; that one needs Java 21 or newer."""
JAVA = os.environ.get("ELASTIC_JAVA", "java")
_KIND = hashlib.sha256(POM.read_bytes() + MODULE.read_bytes()).hexdigest()[:12]
HOME = maven.CACHE / f"elasticsearch-{VERSION}-{_KIND}"
PATIENCE_S = 60.0
HEAP = ("-Xmx512m", "-Xms512m", "-XX:TieredStopAtLevel=1")
MODULE_JARS = ("netty-*.jar", "transport-netty4-*.jar", "elasticsearch-ssl-config-*.jar")


@cache
def lacking() -> str | None:
    """Return why Elasticsearch cannot be had here, None when it can; fetches it the first time."""
    version = f"elastic.version={VERSION}"
    return maven.lacking(f"Elasticsearch {VERSION}", POM, HOME, _lay_out, version)


def _lay_out(home: Path) -> None:
    """Put the jars of the one module where the server looks for it."""
    module = home / "modules" / "transport-netty4"
    module.mkdir(parents=True)
    (module / MODULE.name).write_text(MODULE.read_text().replace("VERSION", VERSION))
    for pattern in MODULE_JARS:
        for jar in (home / "lib").glob(pattern):
            jar.rename(module / jar.name)


class ElasticServer:
    """One node with its data in *folder*; open to all of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port, self._transport = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        config = folder / "config"
        config.mkdir()
        (config / "elasticsearch.yml").touch()
        shutil.copy(LOGGING, config)

    @property
    def url(self) -> str:
        """Its address, as a store's."""
        return f"elasticsearch://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers for every index that it has."""
        with (self._folder / "output.txt").open("ab") as output:
            self._process = subprocess.Popen(
                [
                    JAVA, *HEAP, "-cp", f"{HOME / 'lib'}/*", str(LAUNCHER), str(HOME),
                    str(self._folder / "config"), str(self._folder), str(self._port),
                    str(self._transport),
                ],
                stdout=output, stderr=output, env=os.environ | {"LC_ALL": "C"},
            )  # fmt: skip
        until_listening(self._port, self._process, within_s=PATIENCE_S)
        deadline = time.monotonic() + PATIENCE_S
        while not self._is_well():
            assert self._process.poll() is None, "it ended"
            assert time.monotonic() < deadline, "it is not well in time"
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill it at once, as a crash of its machine would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let it answer nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on as if nothing had happened."""
        os.kill(self.pid, signal.SIGCONT)

    def ask(self, method: str, path: str, body: object = None) -> object:
        """Ask it something by hand."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            return json.load(answer)

    def _is_well(self) -> bool:
        try:
            health = self.ask("GET", "/_cluster/health")
        except OSError:
            return False
        return isinstance(health, dict) and health["status"] in ("green", "yellow")
