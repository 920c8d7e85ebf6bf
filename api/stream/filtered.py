"""A board with filters: what one client sees of it."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from api.stream.protocol import BoardFilters
from schemas.fields import Mint
from schemas.token import Token
from views.columns import facets, figures, fits
from views.live.contract import Frame, Sink
from views.live.merging import ORDER, rewritten

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_MINTS = msgspec.json.Decoder(tuple[Mint, ...])
_TOKEN = msgspec.json.Decoder(Token)


class FilteredBoard:
    """Passes a board's frames on with the tokens that fit, in the board's order.

    It has to begin with a snapshot, since it must have seen every token that is on the board.
    """

    def __init__(self, sink: Sink, filters: BoardFilters) -> None:
        self._sink, self._query = sink, filters.query()
        self._fitting: set[Mint] = set()

    def receive(self, frame: Frame) -> None:
        """Take a frame of the whole board."""
        if frame.kind == "reset":
            self._sink.receive(frame)
            return
        members = _MEMBERS.decode(frame.data)
        order = _MINTS.decode(members.pop(ORDER))
        if frame.kind == "snapshot":
            self._fitting.clear()
        shown = self._shown(members)
        self._fitting &= set(order)
        seen = [mint for mint in order if mint in self._fitting]
        data = msgspec.Raw(msgspec.json.encode({ORDER: seen, **shown}))
        changed = replace(frame, data=data)
        self._sink.receive(replace(changed, body=rewritten(changed, prev=frame.prev)))

    def _shown(self, members: Mapping[Mint, msgspec.Raw]) -> dict[Mint, msgspec.Raw]:
        """Return the tokens that fit, and remember which ones do now."""
        fitting = {m: raw for m, raw in members.items() if self._fits(_TOKEN.decode(raw))}
        self._fitting = (self._fitting - set(members)) | set(fitting)
        return fitting

    def _fits(self, token: Token) -> bool:
        return fits(facets(token), figures(token), self._query)
