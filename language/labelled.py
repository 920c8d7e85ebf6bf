"""A file of labelled texts, one JSON object a line: posts, or descriptions of projects."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from domain.errors import UsageError
from domain.posts.analysis.classes import OTHER, PROTOTYPES
from language.reader import Text

CLASSES = frozenset((*PROTOTYPES, OTHER))


class Asked(msgspec.Struct, frozen=True):
    """The command that a person found in a post."""

    ticker: str | None = None
    name: str | None = None


class Row(msgspec.Struct, frozen=True):
    """A line: a post has ``text``, a project ``name`` and ``description``.

    ``parent`` and ``context``: what the post answers, and titles of pages it links. ``spam`` and
    all else is None where nobody has judged it.
    """

    text: str | None = None
    name: str | None = None
    description: str | None = None
    parent: str | None = None
    context: tuple[str, ...] = ()
    category: str | None = None
    command: Asked | None = None
    is_launch: bool | None = None
    spam: bool | None = None
    lang: str | None = None
    mints: tuple[str, ...] | None = None
    features: tuple[str, ...] | None = None

    @property
    def is_post(self) -> bool:
        """Whether it is a post."""
        return self.text is not None

    @property
    def asks(self) -> bool:
        """Whether it asks for a token."""
        return self.command is not None or bool(self.is_launch)

    @property
    def said(self) -> Text:
        """What there is to read."""
        if self.text is not None:
            parent = (self.parent,) if self.parent else ()
            return Text(self.text, (*parent, *self.context))
        parts = (part for part in (self.name, self.description) if part)
        return Text(". ".join(parts), about_project=True)


class Labelled(NamedTuple):
    """The rows of a file, and whether they are posts."""

    rows: tuple[Row, ...]
    is_posts: bool


def read_labelled(lines: Iterable[bytes]) -> Labelled:
    """Return the rows of a file.

    Raises:
        UsageError: a line is not such an object, or there is none.
    """
    rows = tuple(_row(number, line) for number, line in enumerate(lines, 1) if line.strip())
    if not rows:
        raise UsageError("The file has no rows; give one JSON object a line.")
    return Labelled(rows, is_posts=any(row.is_post for row in rows))


def _row(number: int, line: bytes) -> Row:
    try:
        given: dict[str, Any] = msgspec.json.decode(line)
        row = msgspec.convert(given, Row, strict=False)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise UsageError(f"Line {number} is no labelled text: {error}.") from error
    if row.text is None and row.description is None:
        raise UsageError(f"Line {number} has neither text nor description.")
    return row
