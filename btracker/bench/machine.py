"""Where a measurement was made: without it a figure means nothing."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec
import psutil

LIBRARIES: Final = (
    "aiokafka", "confluent-kafka", "elasticsearch", "fastapi", "faust-streaming", "msgspec",
    "onnxruntime", "quixstreams", "redis", "solders", "uvicorn", "uvloop", "websockets",
)  # fmt: skip
"""What figures depend on."""


class Machine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The machine and the versions that a measurement ran on.

    ``load``: processes that wanted a core in the minute before, None where the system does not say;
    ``versions``: of libraries, those that are installed.
    """

    processor: str
    cores: int
    memory_gib: int
    system: str
    load: float | None
    python: str
    btracker: str
    versions: dict[str, str]

    def __str__(self) -> str:
        load = "" if self.load is None else f", load {self.load}"
        return (
            f"{self.processor}, {self.cores} cores, {self.memory_gib} GiB, {self.system}, "
            f"Python {self.python}, btracker {self.btracker}{load}"
        )


def this_machine() -> Machine:
    """Return what this process runs on; ``cores`` are the logical ones."""
    return Machine(
        processor=_processor(),
        cores=psutil.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / 2**30),
        system=platform.platform(terse=True),
        load=round(psutil.getloadavg()[0], 1) if hasattr(psutil, "getloadavg") else None,
        python=platform.python_version(),
        btracker=version("btracker"),
        versions={name: found for name in LIBRARIES if (found := _version(name))},
    )


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """Return the processor's name; Linux tells it only here."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
