"""Two frames in a row made one: what a slow client, or a crowd, has not got yet."""

from time import time

import msgspec
from msgspec.structs import replace

from views.live.contract import Channel, Frame
from views.live.message import Place, body_of

ORDER = "order"
"""The member of a board that names its tokens, best first."""
STATES: frozenset[Channel] = frozenset({"token", "holders", "board", "status"})
"""Channels of one state: a message replaces some of its members, so two of them make one."""

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_MINTS = msgspec.json.Decoder(list[str])


def joined_states(before: Frame, after: Frame) -> Frame:
    """Return one frame that says what two in a row say; members of the later one win."""
    members = {**_MEMBERS.decode(before.data), **_MEMBERS.decode(after.data)}
    if after.channel == "board":
        # Who waits for long would else be kept every token that ever was on it.
        shown = {ORDER, *_MINTS.decode(members[ORDER])}
        members = {name: raw for name, raw in members.items() if name in shown}
    data = msgspec.Raw(msgspec.json.encode(members))
    joined = replace(after, kind=before.kind, prev=before.prev, data=data)
    return replace(joined, body=rewritten(joined, prev=before.prev))


def rewritten(frame: Frame, *, prev: int | None) -> bytes:
    """Return a frame's message anew: with another predecessor, for one client, or other data."""
    body, _ = body_of(
        Place(frame.channel, frame.key), epoch=frame.epoch, seq=frame.seq, prev=prev,
        kind=frame.kind, slot=frame.slot, at=int(time()), data=bytes(frame.data),
    )  # fmt: skip
    return body
