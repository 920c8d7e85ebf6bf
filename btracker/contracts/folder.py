"""The folder of contracts: written, compared with the code, held against every release."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from btracker.contracts.compat import asyncapi, graphql, openapi
from btracker.contracts.compat.schemas import Comparison, Side
from btracker.contracts.documents import ASYNCAPI, GRAPHQL, OPENAPI, documents, rendered
from domain.errors import UsageError

RELEASED = "released"
"""Within it, a folder of each release; they stay as they are."""

ENDINGS = ("*.json", "*.graphql")


def stale(folder: Path) -> list[str]:
    """Return the names of files that are not what the code says, or that it does not know."""
    wanted = {name: rendered(document) for name, document in documents().items()}
    return sorted(
        {name for name, body in wanted.items() if _bytes(folder / name) != body}
        | {name for name in _present(folder) if name not in wanted}
    )


def broken(folder: Path) -> list[str]:
    """Return what the code promises no more, of what a folder and its releases say."""
    now = documents()
    bases = [folder, *sorted((folder / RELEASED).glob("*"))]
    return [sentence for base in bases for sentence in breaks(read(base), now)]


def breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence, with its file, for all that *new* contracts break of *old* ones."""
    for name, document in old.items():
        if name not in new:
            yield f"{name}: removed"
            continue
        for sentence in _compared(name, document, new[name]):
            yield f"{name}: {sentence}"


def read(folder: Path) -> dict[str, Any]:
    """Return the contracts in a folder by their names; its releases are none of its own.

    Raises:
        UsageError: a file is no JSON.
    """
    found = {}
    for name in _present(folder):
        body = (folder / name).read_bytes()
        try:
            found[name] = body.decode() if name == GRAPHQL else json.loads(body)
        except ValueError as error:
            raise UsageError(f"{folder / name} is no JSON: {error}; write it anew.") from error
    return found


def write(folder: Path) -> None:
    """Write today's contracts; what the code does not know any more goes.

    Raises:
        UsageError: the folder cannot be written.
    """
    wanted = documents()
    try:
        for name, document in wanted.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(rendered(document))
        for name in _present(folder):
            if name not in wanted:
                (folder / name).unlink()
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written ({error.strerror}); choose another."
        ) from error


def _compared(name: str, old: Any, new: Any) -> Iterator[str]:
    if name == OPENAPI:
        return openapi.breaks(old, new)
    if name == ASYNCAPI:
        return asyncapi.breaks(old, new)
    if name == GRAPHQL:
        return graphql.breaks(old, new)
    return Comparison(asked=False).breaks(Side(old, old), Side(new, new), "value")


def _present(folder: Path) -> list[str]:
    found = (path.relative_to(folder) for end in ENDINGS for path in folder.rglob(end))
    return sorted(path.as_posix() for path in found if path.parts[0] != RELEASED)


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
