"""Which versions of tokens the subscribers of a place have been sent; pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from views.live.contract import Channel, Frame
from views.live.merging import ORDER


class _Versioned(msgspec.Struct, frozen=True):
    version: int = 0


class _State(NamedTuple):
    """What a frame says: versions by mint, and which tokens there are by then, if it says so."""

    versions: Mapping[str, int]
    shown: Sequence[str] | None = None


_board = msgspec.json.Decoder(dict[str, _Versioned | list[str]]).decode


class Sent:
    """Tells a state of a token or board that would make a version go down."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}
        # Thousands begin with the same board, which is long.
        self._data, self._state = msgspec.Raw(), _State({})

    def note(self, frame: Frame) -> None:
        """Take note of what is sent; of a board only of what is on it by then."""
        versions, shown = self._said(frame)
        newer = {m: v for m, v in versions.items() if v >= self._versions.get(m, 0)}
        self._versions.update(newer)
        if shown is not None:
            self._versions = {m: self._versions[m] for m in shown if m in self._versions}

    def is_older(self, frame: Frame) -> bool:
        """Return whether a state has an older version of anything; what is deleted has none."""
        found = self._said(frame).versions.items()
        return any(0 < version < self._versions.get(mint, 0) for mint, version in found)

    def _said(self, frame: Frame) -> _State:
        if frame.kind == "reset":
            return _State({})
        if frame.channel == "token":
            return _State({frame.key: frame.version})
        if frame.data != self._data:
            self._data, self._state = frame.data, _on_board(frame.data)
        return self._state


def sent_of(channel: Channel) -> Sent | None:
    """Return what keeps account of a channel, None where states have no versions."""
    return Sent() if channel in ("token", "board") else None


def _on_board(data: msgspec.Raw) -> _State:
    members = _board(data)
    order = members.get(ORDER)
    versions = {name: one.version for name, one in members.items() if isinstance(one, _Versioned)}
    return _State(versions, order if isinstance(order, list) else ())
