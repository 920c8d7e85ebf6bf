"""The folder of golden samples: a folder per release, a file per carrier, a line per value."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.golden.carriers import Carrier, carriers
from tests.golden.making import Making, meaning

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


class Line(msgspec.Struct, frozen=True):
    """A sample as it was written, and what its fields were by name."""

    wire: msgspec.Raw
    means: msgspec.Raw

    @property
    def meaning(self) -> Any:
        """What its fields were; msgspec would make floats of large numbers."""
        return json.loads(bytes(self.means))


class Sample(NamedTuple):
    """A line of a release, and what carried it."""

    release: str
    carrier: str
    line: Line


def releases() -> list[str]:
    """Return the releases that left samples, oldest first."""
    found = [path.name for path in FOLDER.iterdir() if path.name[0].isdigit()]
    return sorted(found, key=lambda name: [int(part) for part in name.split(".")])


def samples(release: str) -> Iterator[Sample]:
    """Yield what a release wrote."""
    for path in sorted((FOLDER / release).glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            yield Sample(release, path.stem, msgspec.json.decode(line, type=Line))


def written(carrier: Carrier) -> Iterator[Line]:
    """Yield samples of what a carrier holds as today's code writes it."""
    for value in Making(carrier.large).samples(carrier.schema):
        told = json.dumps(meaning(value), ensure_ascii=False, separators=(",", ":")).encode()
        yield Line(msgspec.Raw(carrier.encode(value)), msgspec.Raw(told))


def write() -> Path:
    """Write the samples of today's version; those of a release that is out stay as they are.

    Raises:
        SystemExit: today's version is out.
    """
    folder = FOLDER / VERSION
    if f"## [{VERSION}]" in (ROOT / "CHANGELOG.md").read_text():
        raise SystemExit(f"{VERSION} is out: give the next version its number first.")
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.jsonl"):
        old.unlink()
    for carrier in carriers():
        lines = [msgspec.json.encode(line) + b"\n" for line in written(carrier)]
        (folder / f"{carrier.name}.jsonl").write_bytes(b"".join(lines))
    return folder
