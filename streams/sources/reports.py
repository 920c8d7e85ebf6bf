"""What a collector says of itself on ``btracker.progress``."""

from domain.amounts import timestamp
from schemas.progress import Counts, Progress
from schemas.topics import DLQ_SUFFIX, RAW_CHAIN, RAW_X, Topic
from streams.sources.frames import Cursor, Tally


def progress_of(name: str, cursor: Cursor, *, lines: int | None) -> list[Progress]:
    """Return the progress of a replay: of its chain, its posts and its documents.

    *lines* is the number of chain lines in all, None while it is not known.
    """
    chain, posts, documents = cursor.chain, cursor.posts, Tally(seen=cursor.documents)
    total = "" if lines is None else f" of {lines:,}"
    told = f"{chain.seen:,}{total} lines{_broken(chain, RAW_CHAIN)}"
    told_posts = f"{posts.seen:,} posts{_broken(posts, RAW_X)}"
    return [
        _progress(name, "chain", cursor, chain, told),
        _progress(name, "x", cursor, posts, told_posts),
        _progress(name, "metadata", cursor, documents, f"{documents.seen:,} documents"),
    ]


def state_of(cursor: Cursor) -> str:
    """Return the state of a replay that got as far as *cursor*."""
    if cursor.failure:
        return "stalled"
    return "done" if cursor.done else "running"


def _progress(name: str, kind: str, cursor: Cursor, tally: Tally, detail: str) -> Progress:
    return Progress(
        stage="collect",
        partition=0,
        source=name,
        kind=kind,
        state=state_of(cursor),
        detail=cursor.failure or detail,
        head_slot=cursor.slot,
        chain_time=timestamp(cursor.time) if cursor.time else None,
        complete_through_slot=cursor.slot if cursor.done else max(0, cursor.slot - 1),
        counts=Counts(
            seen=tally.seen, applied=tally.seen - tally.broken, dead_lettered=tally.broken
        ),
    )


def _broken(tally: Tally, topic: Topic) -> str:
    if not tally.broken:
        return ""
    return f"; broken: {tally.broken:,}, now in {topic.name}{DLQ_SUFFIX}"
