"""What was read of a project: in posts, in tokens, and the vector to find others like it."""

from msgspec import field

from schemas.base import Record, Row
from schemas.fields import Mint, Share

DIMENSIONS = 384
"""Of a vector."""


class Feature(Record, frozen=True, kw_only=True, rename="camel"):
    """Something the text claims, in the words ``text``.

    ``span``: the first character and the one behind the last, in the text as it is read
    (unescaped, NFC, without invisible characters).
    """

    name: str
    span: tuple[int, ...]
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


class ProjectFact(Row, frozen=True, array_like=True, gc=False, tag="project"):
    """What is known of a token's project: read in its post, else in its document; or nothing."""

    mint: Mint
    project: Project | None


class Embedding(Record, frozen=True, kw_only=True, rename="camel"):
    """A record of ``btracker.embeddings``: a text as a vector, to find others that are like it.

    ``id``: the key, ``post:ID`` or ``token:MINT``. ``vector``: 384 little-endian halves (IEEE
    754) in base64, of length 1: the cosine of two is the sum of their products. Only vectors of
    the same ``engine`` and ``version`` compare.
    """

    id: str
    vector: str
    engine: str
    version: str


class Analysed(Row, frozen=True, array_like=True, gc=False):
    """What was read of a post, for the token that it asks for. Key: the post's id."""

    project: Project
    vector: str | None
    created_ms: int
