"""Recordings made from a recorded market: delivered twice, moved in time, looped."""

import base64
import hashlib
import io
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard

SLOT_S = 0.4


def lines_of(folder: Path) -> list[bytes]:
    """Return the transactions of a recording, a line each."""
    with (folder / "chain.jsonl.zst").open("rb") as packed:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed))
        return [line.encode() for line in text]


def write(folder: Path, lines: Iterable[bytes], *, like: Path) -> Path:
    """Write a recording with other transactions, and the posts and documents of *like*."""
    folder.mkdir(parents=True)
    for name in ("posts.jsonl", "metadata.json"):
        shutil.copy(like / name, folder / name)
    packed = zstandard.ZstdCompressor().compress(b"".join(lines))
    (folder / "chain.jsonl.zst").write_bytes(packed)
    return folder


def moved(line: bytes, *, seconds: int, salt: bytes) -> bytes:
    """Return a transaction as another one, *seconds* later: other slot, time and signature."""
    result = json.loads(line)
    wire = bytearray(base64.b64decode(result["transaction"][0]))
    # After the count of signatures (one byte) stands the first, by which a transaction is known.
    wire[1:65] = hashlib.sha512(salt + bytes(wire[1:65])).digest()
    result["transaction"][0] = base64.b64encode(bytes(wire)).decode()
    result["blockTime"] += seconds
    result["slot"] += round(seconds / SLOT_S)
    return json.dumps(result, separators=(",", ":")).encode() + b"\n"


def failed(lines: Iterable[bytes]) -> bytes:
    """Return the first transaction that failed: it moves the clock and nothing else."""
    return next(line for line in lines if json.loads(line)["meta"]["err"] is not None)


def looped(lines: list[bytes], times: int, *, seconds: int) -> Iterator[bytes]:
    """Yield the transactions again and again, each time as others and *seconds* later."""
    for turn in range(times):
        for line in lines:
            yield line if turn == 0 else moved(line, seconds=turn * seconds, salt=bytes([turn]))
