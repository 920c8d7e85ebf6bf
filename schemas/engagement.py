"""How posts do on X, minutes after they were written."""

from schemas.base import Record
from schemas.fields import Timestamp


class EngagementPoint(Record, frozen=True, kw_only=True, rename="camel"):
    """What X counted of a post at one time; null where it said nothing of it.

    ``after_s``: for which age of the post it was asked, in seconds; ``at``: when that was.
    """

    after_s: int
    at: Timestamp
    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    quotes: int | None = None
    bookmarks: int | None = None
    views: int | None = None


class Engagement(Record, frozen=True, kw_only=True, rename="camel"):
    """A record of ``btracker.engagements``: all that was counted of a post, youngest age first.

    ``id``: the first of the post's edit history; the newest version is the one that is counted.
    """

    id: str
    points: tuple[EngagementPoint, ...]
