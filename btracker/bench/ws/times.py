"""How long a server took with each update, written down by itself: nobody else sees its writes."""

from pathlib import Path
from struct import Struct

CHANNELS = ("token", "launches", "board")
ENTRY = Struct("<Bd")


class Times:
    """Appends to a file how long updates of a channel took, in seconds."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def note(self, channel: str, seconds: float) -> None:
        """Write one down."""
        self._file.write(ENTRY.pack(CHANNELS.index(channel), seconds))


def times_in(path: Path, channel: str) -> list[float]:
    """Return the times of a channel, in order."""
    found = ENTRY.iter_unpack(path.read_bytes()) if path.exists() else ()
    return [seconds for number, seconds in found if number == CHANNELS.index(channel)]
