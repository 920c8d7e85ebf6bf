"""What is said of the tokens of a component: their links."""

from collections import defaultdict
from collections.abc import Iterable

from domain.match.assign import Assigned, assign
from domain.match.book import DAY_MS, Book
from domain.match.evidence import Pair, Token, delay_ms, pair
from domain.posts.read import post_url, snowflake_ms
from schemas.fields import Mint
from schemas.link import Candidate, Link
from schemas.post import Author, Post

STATED = 0.99
"""The launchpad itself names the post, and its authority signed the launch."""

BY_SCORE = 0.97
"""Most that points can give."""


def links(book: Book, mints: Iterable[Mint]) -> dict[Mint, Link]:
    """Return the links of *mints*, a whole component's; a mint that has none is left out.

    A post that the launchpad names comes first, whatever else is known; then points decide.
    """
    tokens = [token for mint in mints if (token := book.token(mint))]
    stated, contested = _stated(tokens)
    taken = {edit_id for post_id in stated for edit_id in _versions(book, post_id)}
    assigned = assign(
        pair(post, token, book.naming(token.mint))
        for token in tokens
        if token.stated_post is None
        for post in book.candidates(token.mint)
        if post.id not in taken
    )
    found = {token.mint: _stated_link(book, token) for token in stated.values()}
    found.update((token.mint, _contested_link(book, token)) for token in contested)
    return found | _scored_links(assigned)


def _stated(tokens: Iterable[Token]) -> tuple[dict[str, Token], list[Token]]:
    """Return the first token in chain order that states each post, and the later ones."""
    claimants: dict[str, list[Token]] = defaultdict(list)
    for token in sorted(tokens, key=lambda token: (token.launch.place, token.mint)):
        if token.stated_post is not None:
            claimants[token.stated_post].append(token)
    first = {post_id: tokens[0] for post_id, tokens in claimants.items()}
    return first, [token for tokens in claimants.values() for token in tokens[1:]]


def _versions(book: Book, post_id: str) -> set[str]:
    post = book.version(post_id)
    return {post_id, *((post.id,) if post else ())}


def _scored_links(assigned: Assigned) -> dict[Mint, Link]:
    matched = {mint: _matched_link(pair) for mint, pair in assigned.matched.items()}
    unclear = {mint: _ambiguous_link(mint, pairs) for mint, pairs in assigned.ambiguous.items()}
    return matched | unclear


def _matched_link(found: Pair) -> Link:
    confidence = round(min(BY_SCORE, 0.5 + found.points / 200), 4)
    return _post_link(found.token, found.post, confidence=confidence, evidence=found.evidence)


def _ambiguous_link(mint: Mint, pairs: Iterable[Pair]) -> Link:
    candidates = tuple(
        Candidate(id=pair.post.id, url=pair.post.url, score=round(pair.points, 2)) for pair in pairs
    )
    return Link(mint, "ambiguous", candidates=candidates)


def _stated_link(book: Book, token: Token) -> Link:
    post_id = token.stated_post or ""
    post = book.version(post_id)
    if post is not None:
        return _post_link(token, post, confidence=STATED, evidence=("tweetId",))
    return _gone_link(token, post_id) if book.is_gone(post_id) else _unseen_link(token, post_id)


def _contested_link(book: Book, token: Token) -> Link:
    """Return the link of a token that states a post which an earlier launch has."""
    post_id = token.stated_post or ""
    post = book.version(post_id)
    points = pair(post, token, book.naming(token.mint)).points if post else 0.0
    url = post.url if post else post_url(post_id, None)
    candidate = Candidate(id=post.id if post else post_id, url=url, score=round(points, 2))
    return Link(token.mint, "ambiguous", candidates=(candidate,))


def _post_link(token: Token, post: Post, *, confidence: float, evidence: tuple[str, ...]) -> Link:
    return Link(
        token.mint,
        "matched",
        post_id=post.id,
        url=post.url,
        text=post.text,
        author=post.author,
        created_ms=post.created_ms,
        delay_ms=delay_ms(post, token),
        confidence=confidence,
        evidence=evidence,
    )


def _unseen_link(token: Token, post_id: str) -> Link:
    """Return the link to a post that the stream missed, with what the document says of it."""
    document, created_ms = token.word, _plausible_ms(token, post_id)
    author_id = document.post_author_id if document else None
    username = document.post_author if document else None
    return Link(
        token.mint,
        "matched",
        post_id=post_id,
        url=post_url(post_id, username),
        text=document.description if document else None,
        author=Author(id=author_id, username=username) if author_id else None,
        created_ms=created_ms,
        delay_ms=None if created_ms is None else token.launch.time * 1000 - created_ms,
        confidence=STATED,
        evidence=("tweetId",),
    )


def _gone_link(token: Token, post_id: str) -> Link:
    """Return the link to a post that was deleted: that it asked for the token, and no more."""
    return Link(
        token.mint,
        "matched",
        post_id=post_id,
        url=post_url(post_id, None),
        confidence=STATED,
        evidence=("tweetId",),
    )


def _plausible_ms(token: Token, post_id: str) -> int | None:
    """Return the time in a post's id unless it lies more than a day from the launch."""
    created_ms = snowflake_ms(post_id)
    if created_ms is None or abs(token.launch.time * 1000 - created_ms) > DAY_MS:
        return None
    return created_ms
