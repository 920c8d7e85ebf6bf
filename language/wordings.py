"""Wordings and their readings -> what is known of posts and tokens; pure."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from msgspec.structs import replace

from language.reader import Reading, Text, as_halves
from schemas.event import About
from schemas.fields import Mint
from schemas.post import Post, PostGone
from schemas.project import Analysed, Embedding, ProjectFact
from schemas.wording import PostWording, TokenWording, Wording

KEPT_MS = 2 * 86_400_000
"""A token may still be linked to a post of two days ago."""
Said = tuple[int, Wording]
"""An offset, and the wording there."""


class Failed(NamedTuple):
    """Why a text could not be read."""

    error: Exception


class Known(NamedTuple):
    """What follows of a run of wordings. ``vectors``: by key, None where one is gone."""

    rows: dict[str, Analysed | None]
    posts: list[Post | PostGone]
    facts: list[About]
    vectors: dict[str, Embedding | None]


def newest(said: Sequence[Said]) -> list[Said]:
    """Return the last that is said of each post and token, in order."""
    last = {_key(wording): (offset, wording) for offset, wording in said}
    return sorted(last.values(), key=lambda one: one[0])


def texts(said: Sequence[Said], rows: Mapping[str, Analysed]) -> list[Text | None]:
    """Return what is to be read of each; None where all is known, or nothing is left."""
    posts = {wording.post.id for _, wording in said if isinstance(wording, PostWording)}
    return [
        _text(wording, lambda post_id: post_id in posts or post_id in rows) for _, wording in said
    ]


def known(
    said: Iterable[tuple[Said, Reading | Failed | None]],
    rows: Mapping[str, Analysed],
    *,
    epoch: int,
) -> Known:
    """Return what follows of *said* and what was read of each; *epoch*: of their topic."""
    found = Known({}, [], [], {})
    for (offset, wording), reading in said:
        if isinstance(reading, Failed):
            continue
        match wording:
            case PostWording(post):
                _post(found, post, reading)
            case PostGone(post_id):
                found.posts.append(wording)
                found.rows[post_id] = found.vectors[f"post:{post_id}"] = None
            case TokenWording(mint, _, post_id):
                stands = found.rows.get(post_id or "") or rows.get(post_id or "")
                analysed = _analysed(reading, 0) if reading else stands
                project = analysed.project if analysed else None
                fact = ProjectFact(mint, project)
                found.facts.append(About(mint, epoch + offset, fact))
                found.vectors[f"token:{mint}"] = _embedding(f"token:{mint}", analysed)
    found.rows.update(dict.fromkeys(_old(rows, found.rows)))
    return found


def _text(wording: Wording, is_known: Callable[[str], bool]) -> Text | None:
    match wording:
        case PostWording(post, context):
            return Text(post.text, context, post.language)
        case TokenWording(_, text, post_id) if text and not (post_id and is_known(post_id)):
            return Text(text, about_project=post_id is None)
    return None


def _post(found: Known, post: Post, reading: Reading | None) -> None:
    if reading is not None:
        analysed = found.rows[post.id] = _analysed(reading, post.created_ms)
        found.posts.append(replace(post, project=analysed.project))
        found.vectors[f"post:{post.id}"] = _embedding(f"post:{post.id}", analysed)


def _analysed(reading: Reading, created_ms: int) -> Analysed:
    vector = None if reading.vector is None else b64encode(as_halves(reading.vector)).decode()
    return Analysed(reading.project, vector, created_ms)


def _embedding(key: str, analysed: Analysed | None) -> Embedding | None:
    if analysed is None or analysed.vector is None:
        return None
    project = analysed.project
    return Embedding(id=key, vector=analysed.vector, engine=project.engine, version=project.version)


def _old(rows: Mapping[str, Analysed], new: Mapping[str, Analysed | None]) -> Iterator[str]:
    """Yield the posts that are too old to be asked for, as far as they stand first."""
    newest_ms = max((row.created_ms for row in new.values() if row), default=0)
    old = takewhile(lambda item: item[1].created_ms < newest_ms - KEPT_MS, rows.items())
    return (post_id for post_id, _ in old if post_id not in new)


def _key(wording: Wording) -> str | Mint:
    match wording:
        case PostWording(post):
            return post.id
        case PostGone(post_id):
            return post_id
        case TokenWording(mint):
            return mint
