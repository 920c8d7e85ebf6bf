"""Which versions of tokens the subscribers of a place have been sent; pure."""

import msgspec

from views.live.contract import Channel, Frame
from views.live.merging import ORDER


class _Versioned(msgspec.Struct, frozen=True):
    version: int = 0


_board = msgspec.json.Decoder(dict[str, _Versioned | list[str]]).decode


class Sent:
    """Tells a state of a token or board that would make a version go down."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}

    def note(self, frame: Frame) -> None:
        """Take note of what is sent; of a board only of what is on it by then."""
        newer = {m: v for m, v in _versions(frame).items() if v >= self._versions.get(m, 0)}
        self._versions.update(newer)
        if frame.channel == "board" and frame.kind != "reset":
            order = _board(frame.data)[ORDER]
            kept = order if isinstance(order, list) else ()
            self._versions = {m: self._versions[m] for m in kept if m in self._versions}

    def is_older(self, frame: Frame) -> bool:
        """Return whether a state has an older version of anything; what is deleted has none."""
        found = _versions(frame).items()
        return any(0 < version < self._versions.get(mint, 0) for mint, version in found)


def sent_of(channel: Channel) -> Sent | None:
    """Return what keeps account of a channel, None where states have no versions."""
    return Sent() if channel in ("token", "board") else None


def _versions(frame: Frame) -> dict[str, int]:
    if frame.kind == "reset":
        return {}
    if frame.channel == "token":
        return {frame.key: frame.version}
    members = _board(frame.data).items()
    return {name: one.version for name, one in members if isinstance(one, _Versioned)}
