"""Lines of a zstd file, one at a time, with a truncated or damaged file noticed."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import zstandard

from domain.errors import UnreadableError

MAGIC = b"\x28\xb5\x2f\xfd"
CHUNK_BYTES = 1 << 18


def zst_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a zstd file without their ends; several frames may follow each other.

    Raises:
        UnreadableError: the file is cut off or damaged; every whole line before that was yielded.
    """
    return unpacked_lines(_packed(path), name=path.name)


def unpacked_lines(packed: Iterable[bytes], *, name: str) -> Iterator[bytes]:
    """Yield the lines of zstd data that comes in pieces, as ``zst_lines`` does of a file.

    Raises:
        UnreadableError: it is cut off or damaged; *name* says what.
    """
    rest, number = b"", 0
    try:
        for data in _chunks(packed):
            lines = (rest + data).split(b"\n") if b"\n" in data else [rest + data]
            rest = lines.pop()
            for line in lines:
                number += 1
                yield line
    except (zstandard.ZstdError, EOFError) as error:
        raise UnreadableError(
            f"{name} is cut off or damaged in line {number + 1:,} ({error}); "
            f"the {number:,} whole lines before it were read. Get the file again."
        ) from error
    if rest:
        yield rest


def count_lines(path: Path, stop: Callable[[], bool]) -> int:
    """Return how many lines a zstd file has, as far as it can be read before *stop*."""
    count, last = 0, b"\n"
    try:
        for data in _chunks(_packed(path)):
            count += data.count(b"\n")
            last = data[-1:] or last
            if stop():
                break
    except (zstandard.ZstdError, EOFError):
        return count
    return count + (last != b"\n")  # The last line may lack its end.


def _packed(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            yield piece


def _chunks(packed: Iterable[bytes]) -> Iterator[bytes]:
    decoder, fresh = zstandard.ZstdDecompressor().decompressobj(), True
    for piece in packed:
        rest = piece
        while rest:
            yield decoder.decompress(rest)
            rest, fresh = b"", False
            if decoder.eof:
                rest = decoder.unused_data
                decoder, fresh = zstandard.ZstdDecompressor().decompressobj(), True
    if not fresh:
        raise EOFError("the file ends too early")
