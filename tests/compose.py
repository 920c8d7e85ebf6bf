"""The files of ``docker/`` as tests read them: what each service is told."""

import re
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[1] / "docker"
PLAIN = (FOLDER / "compose.yaml",)
TLS, SOLANA = (*PLAIN, FOLDER / "compose.tls.yaml"), (*PLAIN, FOLDER / "compose.solana.yaml")
X = (*SOLANA, FOLDER / "compose.x.yaml")


def services(files: tuple[Path, ...]) -> dict[str, dict[str, Any]]:
    """Return the services of Compose files; what a later file says of one is added to it."""
    found: dict[str, dict[str, Any]] = {}
    for path in files:
        for name, said in yaml.safe_load(path.read_text())["services"].items():
            known = found.setdefault(name, {})
            environment = {**known.get("environment", {}), **said.get("environment", {})}
            volumes = [*known.get("volumes", []), *said.get("volumes", [])]
            known |= {**said, "environment": environment, "volumes": volumes}
    return found


def properties(environment: dict[str, str]) -> dict[str, str]:
    """Return the settings of Kafka that its image makes of an environment.

    Source: docker/examples/README.md of Apache Kafka: ``_`` is a dot, ``__`` an underscore,
    ``___`` a dash; options of its virtual machine are none.
    """
    signs = {"_": ".", "__": "_", "___": "-"}
    return {
        re.sub("_{1,3}", lambda found: signs[found[0]], name.removeprefix("KAFKA_")).lower(): value
        for name, value in environment.items()
        if name != "KAFKA_HEAP_OPTS"
    }
