"""One token and one board as the live feed has them; serialised when asked for, once a change."""

from collections.abc import Mapping

import msgspec

from schemas.fields import Mint
from schemas.token import Token
from views.columns import figures
from views.contract import Key, Page, TokenDocument, TokenQuery
from views.live.contract import Frame
from views.live.merging import ORDER

SLOT = "slot"

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_mints = msgspec.json.Decoder(tuple[Mint, ...]).decode
_token = msgspec.json.Decoder(Token).decode
_slot = msgspec.json.Decoder(int).decode


class FollowedToken:
    """A token's newest state; a sink of its channel."""

    def __init__(self, mint: Mint) -> None:
        self.was_asked = True
        self._mint, self._version = mint, 0
        self._members: dict[str, msgspec.Raw] = {}
        self._document: TokenDocument | None = None

    def receive(self, frame: Frame) -> None:
        """Take a frame: the whole state, or the members that changed."""
        self._document = None
        if frame.kind == "reset":
            self._members = {}
            return
        members = _members(frame.data)
        self._members = members if frame.kind == "snapshot" else {**self._members, **members}
        self._version = frame.version

    @property
    def document(self) -> TokenDocument | None:
        """The token as it is now; None before anybody has seen it, and after a reset."""
        if self._document is None and SLOT in self._members:
            self._document = TokenDocument(
                mint=self._mint,
                version=self._version,
                slot=_slot(self._members[SLOT]),
                body=msgspec.Raw(msgspec.json.encode(self._members)),
            )
        return self._document


class FollowedBoard:
    """A board's newest state; a sink of its channel."""

    def __init__(self, query: TokenQuery) -> None:
        self._query = query
        self._order: tuple[Mint, ...] = ()
        self._bodies: Mapping[Mint, msgspec.Raw] = {}
        self._pages: dict[int, Page[msgspec.Raw]] = {}

    def receive(self, frame: Frame) -> None:
        """Take a frame: the whole board, or its order and the tokens that are new or changed."""
        self._pages = {}
        if frame.kind == "reset":
            self._order, self._bodies = (), {}
            return
        members = _members(frame.data)
        self._order = _mints(members.pop(ORDER))
        known = members if frame.kind == "snapshot" else {**self._bodies, **members}
        self._bodies = {mint: known[mint] for mint in self._order if mint in known}

    def page(self, limit: int) -> Page[msgspec.Raw] | None:
        """Return the first page; None where only the store knows whether there is a next one."""
        if limit >= len(self._order) or len(self._bodies) < len(self._order):
            return None
        found = self._pages.get(limit)
        if found is None:
            shown = self._order[:limit]
            found = Page(tuple(self._bodies[mint] for mint in shown), self._key(shown[-1]))
            self._pages[limit] = found
        return found

    def _key(self, mint: Mint) -> Key:
        return Key(figures(_token(self._bodies[mint]))[self._query.sort_by], mint)
