"""Small recordings for tests, cut from the bundled demo market."""

import io
import json
from itertools import islice
from pathlib import Path
from typing import Any

import zstandard

from btracker.deployment import DEMO


def demo_lines(count: int | None = None) -> list[bytes]:
    """Return the first chain lines of the demo market."""
    with (DEMO / "chain.jsonl.zst").open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file)
        return [line.rstrip(b"\n") for line in islice(io.BufferedReader(reader), count)]


def write_recording(
    folder: Path,
    lines: list[bytes],
    *,
    posts: list[bytes] | None = None,
    documents: dict[str, Any] | None = None,
) -> Path:
    """Write a recording of these chain lines; posts and documents are the demo's unless given."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "chain.jsonl.zst").write_bytes(
        zstandard.ZstdCompressor().compress(b"".join(line + b"\n" for line in lines))
    )
    if posts is None:
        posts = (DEMO / "posts.jsonl").read_bytes().splitlines()
    (folder / "posts.jsonl").write_bytes(b"".join(post + b"\n" for post in posts))
    if documents is None:
        documents = json.loads((DEMO / "metadata.json").read_bytes())
    (folder / "metadata.json").write_text(json.dumps(documents))
    return folder
