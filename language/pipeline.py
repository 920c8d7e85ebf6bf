"""The rules as a spaCy pipeline: each component writes what it found as spans of the document."""

import re
import sys
from collections.abc import Iterable
from functools import cache, partial
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from domain.posts.analysis.features import features
from domain.posts.analysis.links import handles, links
from domain.posts.analysis.plain import plain
from domain.posts.analysis.scams import signals
from domain.posts.analysis.spans import Found
from domain.posts.command import read_command
from domain.posts.mints import mints
from domain.posts.normalise import normalise
from domain.posts.tickers import cashtags

FOUND = ("features", "signals")
"""The components' findings with a place, each a group of spans of the document."""
COMPONENTS = (
    "btracker_handles", "btracker_cashtags", "btracker_mints", "btracker_links",
    "btracker_command", "btracker_features", "btracker_signals", "btracker_plain",
)  # fmt: skip
TEXT = "text"
"""Under this and ``_VALUES`` a document keeps what is known of it; reading it there is cheaper."""
_VALUES = ("handles", "cashtags", "mints", "links", "command", "plain", *FOUND)

_LONG = re.compile(r"\S{100}")
"""What stays one token: taking signs off a long word one by one takes time by its square."""


@cache
def pipeline() -> Language:
    """Return the pipeline. Texts are normalised before they are cut into tokens."""
    for name in _VALUES:
        if not Doc.has_extension(name):
            Doc.set_extension(name, getter=partial(_value, name))
    nlp = spacy.blank("xx")
    nlp.max_length = sys.maxsize  # ``normalise`` bounds what is read.
    cut: Any = nlp.tokenizer
    cut.token_match = _LONG.match
    nlp.tokenizer = _Cut(cut)
    for name in COMPONENTS:
        nlp.add_pipe(name)
    return nlp


class _Cut:
    """Normalises a text before it is cut; ``doc.text`` would put it together again each time."""

    def __init__(self, cut: Any) -> None:
        self._cut = cut

    def __call__(self, text: str) -> Doc:
        read = normalise(text)
        doc: Doc = self._cut(read)
        doc.user_data[TEXT] = read
        return doc


def _value(name: str, doc: Doc) -> Any:
    return doc.user_data[name]


def spans(doc: Doc, group: str, found: Iterable[Found]) -> None:
    """Write *found* to the spans of *doc* under *group*, on whole tokens."""
    marked = (_span(doc, one) for one in found)
    doc.spans[group] = [span for span in marked if span is not None]


def _span(doc: Doc, one: Found) -> Span | None:
    return doc.char_span(one.start, one.end, label=one.name, alignment_mode="expand")


def _component(name: str, find: Any) -> None:
    def run(doc: Doc) -> Doc:
        value = doc.user_data[name] = find(doc.user_data[TEXT])
        if value and name in FOUND:
            spans(doc, name, value)
        return doc

    Language.component(f"btracker_{name}", func=run)


for _name, _find in (
    ("handles", handles),
    ("cashtags", cashtags),
    ("mints", mints),
    ("links", links),
    ("command", read_command),
    ("features", features),
    ("signals", signals),
    ("plain", plain),
):
    _component(_name, _find)
