"""Sealed blocks in a file: ``length u32, crc32 u32`` (little endian), then the packed bytes."""

import logging
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import zstandard

HEADER = struct.Struct("<II")
_compress = zstandard.ZstdCompressor(level=1).compress
"""Made once: that takes twice as long as to pack one transaction."""

log = logging.getLogger(__name__)


class Block(NamedTuple):
    """The unpacked bytes of a block, and the offset in the file at which it ends."""

    data: bytes
    end: int


def seal(data: bytes) -> bytes:
    """Return *data* packed with zstd, after its length and checksum."""
    packed = _compress(data)
    return HEADER.pack(len(packed), zlib.crc32(packed)) + packed


def blocks(path: Path) -> Iterator[Block]:
    """Yield the blocks of a file up to the first that is cut off or damaged, with a warning."""
    size, end = path.stat().st_size, 0
    decompress = zstandard.ZstdDecompressor().decompress
    with path.open("rb") as file:
        while len(header := file.read(HEADER.size)) == HEADER.size:
            length, checksum = HEADER.unpack(header)
            packed = file.read(length) if length <= size - end else b""
            if len(packed) < length or zlib.crc32(packed) != checksum:
                break
            end = file.tell()
            yield Block(decompress(packed), end)
    if end < size:
        log.warning("%s is damaged or cut off at byte %d of %d.", path.name, end, size)
