"""Claims taken in: the rows they become, and whose links may change with them."""

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from domain.match.book import Book
from domain.match.ledger import Ledger
from schemas.chain_events import Config
from schemas.claim import LaunchClaim
from schemas.claim_rows import ClaimRow, ConfigRow, GoneRow, LaunchesRow, LinkRow
from schemas.event import Op
from schemas.fields import Address, ChainTime, Mint
from schemas.metadata import Metadata
from schemas.post import Post, PostClaim

DAY_S = 86_400


class Known:
    """The claims, as rows and in a ``Book`` that finds what belongs together."""

    def __init__(self, rows: Mapping[str, ClaimRow], *, early_ms: int) -> None:
        self.ledger = Ledger(rows)
        self.book = Book(early_ms=early_ms)
        self._users: dict[Address, set[Mint]] = defaultdict(set)
        for key, row in self.ledger.items():
            self._show(key, row)

    def take_launch(self, claim: LaunchClaim) -> set[Mint]:
        """Take in, move or undo a launch; return the mints whose links may change."""
        mint = claim.launch.mint
        row = self.ledger.get(f"launch:{mint}")
        launches = {one.place.event_id: one for one in _claims(row)}
        if claim.op is Op.UNDO:
            launches.pop(claim.place.event_id, None)
        elif claim.op is Op.APPLY or claim.place.event_id in launches:
            launches[claim.place.event_id] = claim
        ordered = tuple(sorted(launches.values(), key=lambda one: one.place))
        self._touch_config(claim)
        return self._put_token(mint, "launch", LaunchesRow(ordered) if ordered else None)

    def take_document(self, document: Metadata) -> set[Mint]:
        """Take in a document; the first version stays, in whatever order they come."""
        known = self.book.documents.get(document.mint)
        first = document if known is None else min(known, document, key=_seniority)
        return self._put_token(document.mint, "metadata", first)

    def take_post(self, post: Post) -> set[Mint]:
        """Take in a post; its last version stays, in whatever order they come."""
        known = self.book.posts.get(post.id)
        self._put(f"gone:{post.id}", None)
        return self._put_post(post.id, PostClaim(max(known or post, post, key=_version)))

    def take_deletion(self, post_id: str, *, at: ChainTime) -> set[Mint]:
        """Forget a post that was deleted, *at* a chain time; that it was is remembered."""
        key = f"gone:{post_id}"
        row, post = self.ledger.get(key), self.book.posts.get(post_id)
        if not isinstance(row, GoneRow):
            self._put(key, GoneRow(post.edit_ids if post else (post_id,), at))
        return self._put_post(post_id, None)

    def take_config(self, config: Config, *, at: ChainTime) -> set[Mint]:
        """Take in a configuration, known *at* a chain time; return the mints that use it."""
        key = f"config:{config.config}"
        row = self.ledger.get(key)
        self.ledger.put(key, ConfigRow(config, row.known_at if isinstance(row, ConfigRow) else at))
        return self._users.get(config.config, set())

    def config(self, mint: Mint) -> Config | None:
        """Return the configuration of a mint's curve, once it and the launch are known."""
        launch = self.book.launches.get(mint)
        row = self.ledger.get(f"config:{launch.launch.config}") if launch else None
        return row.config if isinstance(row, ConfigRow) else None

    def link(self, mint: Mint) -> LinkRow | None:
        """Return what was last said of a mint."""
        row = self.ledger.get(f"link:{mint}")
        return row if isinstance(row, LinkRow) else None

    def expire(self, now: ChainTime) -> None:
        """Forget what is too old at chain time *now*; a token's document goes with its launch."""
        for key in self.ledger.take_old(now):
            kind, _, mint = key.partition(":")
            if kind == "metadata" and mint in self.book.launches:
                continue
            self._put(key, None)
            if kind == "launch":
                self._put(f"metadata:{mint}", None)

    def _put_token(self, mint: Mint, kind: str, row: ClaimRow | None) -> set[Mint]:
        before = self.book.component(mints=[mint]).mints
        self._put(f"{kind}:{mint}", row)
        return before | self.book.component(mints=[mint]).mints

    def _put_post(self, post_id: str, row: ClaimRow | None) -> set[Mint]:
        before = self.book.component(post_ids=[post_id]).mints
        self._put(f"post:{post_id}", row)
        return before | self.book.component(post_ids=[post_id]).mints

    def _touch_config(self, claim: LaunchClaim) -> None:
        """Keep a configuration for longer, at most once a day."""
        key = f"config:{claim.launch.config}"
        row = self.ledger.get(key)
        if isinstance(row, ConfigRow) and claim.time > row.known_at + DAY_S:
            self.ledger.put(key, ConfigRow(row.config, claim.time))

    def _put(self, key: str, row: ClaimRow | None) -> None:
        if self.ledger.put(key, row):
            self._show(key, row)

    def _show(self, key: str, row: ClaimRow | None) -> None:
        """Show a changed row in the book."""
        kind, _, name = key.partition(":")
        if kind == "launch":
            self._show_launch(name, row)
        elif kind == "post":
            self.book.put_post(name, row.post if isinstance(row, PostClaim) else None)
        elif kind == "gone":
            self.book.put_gone(name, row.versions if isinstance(row, GoneRow) else ())
        elif kind == "metadata":
            self.book.put_document(name, row if isinstance(row, Metadata) else None)

    def _show_launch(self, mint: Mint, row: ClaimRow | None) -> None:
        old = self.book.launches.get(mint)
        new = next(iter(_claims(row)), None)
        if old is not None:
            users = self._users[old.launch.config]
            users.discard(mint)
            if not users:
                del self._users[old.launch.config]
        if new is not None:
            self._users[new.launch.config].add(mint)
        self.book.put_launch(mint, new)


def _claims(row: ClaimRow | None) -> tuple[LaunchClaim, ...]:
    return row.claims if isinstance(row, LaunchesRow) else ()


def _seniority(document: Metadata) -> tuple[bool, ChainTime, bytes]:
    """Order documents: any before an error, the earlier fetched first, then by content."""
    return document.error is not None, document.fetched_at, msgspec.json.encode(document)


def _version(post: Post) -> tuple[int, int, bytes]:
    """Order versions of a post: the one with more edits is later, then by content."""
    return len(post.edit_ids), int(post.edit_ids[-1]), msgspec.json.encode(post)
