"""What was read of a project: in posts, in tokens, and the vector to find others like it."""

from msgspec import field

from schemas.base import Record
from schemas.fields import Share


class Feature(Record, frozen=True, kw_only=True, rename="camel"):
    """Something the text claims. ``span``: its first character and the one behind its last, in
    the text as it is read (unescaped, NFC, without invisible characters); ``text``: those words.
    """

    name: str
    span: tuple[int, int]
    text: str


class Spam(Record, frozen=True, kw_only=True, rename="camel"):
    """Signals of scams: a score, which counts as spam from 0.4, and why. Never a verdict."""

    score: Share = 0.0
    reasons: tuple[str, ...] = ()


class Project(Record, frozen=True, kw_only=True, rename="camel"):
    """What a text says of a project.

    ``scores``: of the three likeliest classes, of 1 in all. ``language``: ISO 639-1, ``und``
    where it cannot be told. ``sentiment``: -1 to 1, weak evidence: launches praise themselves.
    ``degraded``: read without the model, by words alone.
    """

    category: str
    scores: dict[str, Share]
    features: tuple[Feature, ...] = ()
    language: str = "und"
    sentiment: float = 0.0
    spam: Spam = field(default_factory=Spam)
    engine: str
    version: str
    degraded: bool = False
