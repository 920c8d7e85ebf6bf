"""Where a measurement was made: without it a figure means nothing."""

import platform
from importlib.metadata import version
from pathlib import Path

import msgspec
import psutil


class Machine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The machine and the versions that a measurement ran on."""

    processor: str
    cores: int
    python: str
    btracker: str

    def __str__(self) -> str:
        return (
            f"{self.processor}, {self.cores} cores, Python {self.python}, btracker {self.btracker}"
        )


def this_machine() -> Machine:
    """Return what this process runs on; ``cores`` are the logical ones."""
    return Machine(
        processor=_processor(),
        cores=psutil.cpu_count() or 1,
        python=platform.python_version(),
        btracker=version("btracker"),
    )


def _processor() -> str:
    """Return the processor's name; Linux tells it only here."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
