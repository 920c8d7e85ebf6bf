"""What is claimed, and the keys by which posts and tokens find each other."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

from domain.match.evidence import ANSWERED_LAUNCHPADS, Token, delay_ms
from domain.match.keys import name_key, post_id_of, ticker_key
from schemas.claim import LaunchClaim
from schemas.fields import Mint
from schemas.metadata import Metadata
from schemas.post import Command, Post

V = TypeVar("V")

DAY_MS = 86_400_000
EARLY_MS = 10_000
"""How long before its post a token may be launched; clocks differ, and block times are early."""


class Component(NamedTuple):
    """Mints and post ids that may belong together, and nothing else may belong to them."""

    mints: set[Mint]
    post_ids: set[str]


class Index:
    """Sets of ids by key."""

    def __init__(self) -> None:
        self._sets: dict[str, set[str]] = defaultdict(set)

    def of(self, keys: Iterable[str]) -> set[str]:
        """Return what stands under any of the *keys*."""
        return {found for key in keys for found in self._sets.get(key, ())}

    def move(self, value: str, *, old: Iterable[str], new: Iterable[str]) -> None:
        """Take *value* from the keys *old* and put it under the keys *new*."""
        for key in old:
            self._sets[key].discard(value)
            if not self._sets[key]:
                del self._sets[key]
        for key in new:
            self._sets[key].add(value)


class Book:
    """Launches, posts and documents that are known; the newest state of each."""

    def __init__(self, *, early_ms: int = EARLY_MS) -> None:
        self.launches: dict[Mint, LaunchClaim] = {}
        self.documents: dict[Mint, Metadata] = {}
        self.posts: dict[str, Post] = {}
        self._gone: dict[str, tuple[str, ...]] = {}
        self._early_ms = early_ms
        self._tokens_by = Index()
        self._posts_by = Index()

    def put_launch(self, mint: Mint, launch: LaunchClaim | None) -> None:
        """Make *launch* the launch of *mint*; None: it was undone or is too old to keep."""
        old = self._token_keys(mint)
        _put(self.launches, mint, launch)
        self._tokens_by.move(mint, old=old, new=self._token_keys(mint))

    def put_document(self, mint: Mint, document: Metadata | None) -> None:
        """Make *document* the document of *mint*."""
        old = self._token_keys(mint)
        _put(self.documents, mint, document)
        self._tokens_by.move(mint, old=old, new=self._token_keys(mint))

    def put_post(self, post_id: str, post: Post | None) -> None:
        """Make *post* what is known of *post_id*; None: it was deleted or is too old to keep."""
        old = _post_keys(self.posts.get(post_id))
        _put(self.posts, post_id, post)
        self._posts_by.move(post_id, old=old, new=_post_keys(post))

    def put_gone(self, post_id: str, versions: tuple[str, ...]) -> None:
        """Make *versions* those of a post that was deleted; none: it was not."""
        _put(self._gone, post_id, versions or None)

    def is_gone(self, version: str) -> bool:
        """Return whether the post one of whose versions is *version* was deleted."""
        return version in self._gone or any(version in ids for ids in self._gone.values())

    def token(self, mint: Mint) -> Token | None:
        """Return the token, None before its launch."""
        launch = self.launches.get(mint)
        return None if launch is None else Token(launch, self.documents.get(mint))

    def version(self, post_id: str) -> Post | None:
        """Return the post one of whose versions is *post_id*."""
        found = self._posts_by.of([f"post:{post_id}"])
        return self.posts[min(found)] if found else None

    def naming(self, mint: Mint) -> list[Post]:
        """Return the posts that name *mint*, by id."""
        return [self.posts[post_id] for post_id in sorted(self._posts_by.of([f"mint:{mint}"]))]

    def candidates(self, mint: Mint) -> Iterator[Post]:
        """Yield the posts that may have asked for *mint*, in no order."""
        token = self.token(mint)
        for post_id in self._posts_near(mint) if token else ():
            post = self.posts[post_id]
            if token and post.command and -self._early_ms <= delay_ms(post, token) <= DAY_MS:
                yield post

    def component(self, *, mints: Iterable[Mint] = (), post_ids: Iterable[str] = ()) -> Component:
        """Return everything whose links may depend on *mints* and *post_ids*."""
        found = Component(set(), set())
        new_mints, new_posts = set(mints), set(post_ids)
        while new_mints or new_posts:
            found.mints.update(new_mints)
            found.post_ids.update(new_posts)
            near_mints = {other for mint in new_mints for other in self._same_post(mint)}
            near_mints |= {mint for post_id in new_posts for mint in self._tokens_near(post_id)}
            near_posts = {post_id for mint in new_mints for post_id in self._posts_near(mint)}
            new_mints, new_posts = near_mints - found.mints, near_posts - found.post_ids
        return found

    def _same_post(self, mint: Mint) -> set[Mint]:
        keys = (key for key in self._token_keys(mint) if key.startswith("post:"))
        return self._tokens_by.of(keys)

    def _posts_near(self, mint: Mint) -> set[str]:
        threads = (f"thread:{thread}" for post in self.naming(mint) for thread in _threads(post))
        return self._posts_by.of(self._token_keys(mint)) | self._posts_by.of(threads)

    def _tokens_near(self, post_id: str) -> set[Mint]:
        post = self.posts.get(post_id)
        if post is None:
            return self._tokens_by.of([f"post:{post_id}"])
        naming = self._posts_by.of(f"naming:{thread}" for thread in _threads(post))
        named = {f"mint:{mint}" for other in naming for mint in self.posts[other].mints}
        return self._tokens_by.of({*_post_keys(post), *named})

    def _token_keys(self, mint: Mint) -> set[str]:
        token = self.token(mint)
        if token is None:
            return set()
        launch = token.launch.launch
        keys = {f"mint:{mint}"}
        if launch.launchpad in ANSWERED_LAUNCHPADS:
            keys |= {f"ticker:{ticker_key(launch.symbol)}", f"name:{name_key(launch.name)}"}
        stated = (token.stated_post, post_id_of(token.word.x if token.word else None))
        return keys | {f"post:{post_id}" for post_id in stated if post_id}


def _put(known: dict[str, V], key: str, value: V | None) -> None:
    if value is None:
        known.pop(key, None)
    else:
        known[key] = value


def _threads(post: Post) -> set[str]:
    """Return the ids under which a post and the replies to it meet."""
    return {
        *post.edit_ids,
        *(thread for thread in (post.conversation_id, post.reply_to) if thread),
    }


def _post_keys(post: Post | None) -> set[str]:
    """Return the keys of a post: what it asks for, its ids, and the mints it names."""
    if post is None:
        return set()
    keys = {f"post:{post_id}" for post_id in post.edit_ids} | {
        f"mint:{mint}" for mint in post.mints
    }
    if post.mints:
        keys |= {f"naming:{thread}" for thread in _threads(post)}
    if post.command:
        keys |= {f"thread:{thread}" for thread in _threads(post)}
        keys |= _asked_keys(post.command)
    return keys


def _asked_keys(command: Command) -> set[str]:
    """Return what a command asks for: the ticker, or the name where it leaves the ticker open."""
    if command.ticker:
        return {f"ticker:{ticker_key(command.ticker)}"}
    return {f"name:{name_key(command.name)}"} if command.name else set()
