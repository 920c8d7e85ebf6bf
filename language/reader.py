"""Texts -> readings: the rules, the language, the model and how sure all of it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from domain.posts.analysis import RULES
from domain.posts.analysis.fuse import Evidence, Verdict, verdict
from domain.posts.analysis.plain import plain
from domain.posts.analysis.scams import SPAM_FROM, score, total
from domain.posts.analysis.spans import Found
from domain.posts.command import LIKELY
from domain.posts.normalise import normalise
from language.categories import Categories, Head
from language.engines import Choice, Engine, Vectors, open_engine
from language.mood import sentiment
from language.pipeline import TEXT, pipeline
from language.tongue import Tongue
from schemas.fields import Mint
from schemas.post import Command
from schemas.project import Feature, Project, Spam

KEYWORDS = "keywords"
TOP = 3
CONTEXT = 2_000
"""Characters of context that are read: a parent post and a few titles of pages."""


class Text(NamedTuple):
    """What is to be read. ``context``: the post it answers, titles of pages it links.

    ``about_project``: it describes one for certain, as the document of a token does.
    """

    text: str
    context: tuple[str, ...] = ()
    language: str | None = None
    about_project: bool = False


class Reading(NamedTuple):
    """All that was read of a text. ``vector`` is None without a model."""

    text: str
    handles: tuple[str, ...]
    cashtags: tuple[str, ...]
    mints: tuple[Mint, ...]
    links: tuple[str, ...]
    command: Command | None
    features: tuple[Found, ...]
    signals: tuple[Found, ...]
    language: str
    sentiment: float
    verdict: Verdict
    vector: Vectors | None
    engine: str
    version: str

    @property
    def is_spam(self) -> bool:
        """Whether the signals of scams add up."""
        return total(self.signals) >= SPAM_FROM

    @property
    def is_launch(self) -> bool:
        """Whether it asks for a token."""
        return self.command is not None and self.command.confidence >= LIKELY

    @property
    def project(self) -> Project:
        """What of it is published with posts and tokens."""
        top = list(self.verdict.scores.items())[:TOP]
        return Project(
            category=self.verdict.category,
            scores={name: round(value, 4) for name, value in top},
            features=tuple(_feature(self.text, one) for one in self.features),
            language=self.language,
            sentiment=round(self.sentiment, 4),
            spam=Spam(
                score=round(score(self.signals), 4),
                reasons=tuple(one.name for one in self.signals),
            ),
            engine=self.engine,
            version=self.version,
            degraded=self.vector is None,
        )


class Reader:
    """Reads texts. Opening it takes seconds where there is a model; it is for one thread."""

    def __init__(
        self,
        choice: Choice = "auto",
        *,
        head: Path | None = None,
        classes: frozenset[str] | None = None,
    ) -> None:
        self._engine = open_engine(choice)
        trained = None if head is None else Head.load(head)
        self._categories = self._engine and Categories(self._engine, head=trained)
        self._tongue, self._rules, self._classes = Tongue(), pipeline(), classes

    @property
    def engine(self) -> str:
        """What reads categories."""
        return engine_name(self._engine)

    @property
    def model(self) -> Engine | None:
        """The model, None where words alone are read."""
        return self._engine

    @property
    def version(self) -> str:
        """The version of the rules, and the weights' behind a plus."""
        return version_of(self._engine)

    def read(self, text: Text) -> Reading:
        """Read *text*; the result depends on nothing else."""
        found = self._rules(text.text).user_data
        context = [normalise(part)[:CONTEXT] for part in text.context]
        words = "\n".join(part for part in (*map(plain, context), found["plain"]) if part)
        language = self._tongue.of(found["plain"] or words, said=text.language)
        vector = self._vector(words)
        return Reading(
            found[TEXT], found["handles"], found["cashtags"], found["mints"], found["links"],
            found["command"], found["features"], found["signals"], language,
            sentiment(found["plain"]), self._verdict(words, text, found, language, vector),
            vector, self.engine, self.version,
        )  # fmt: skip

    def read_all(self, texts: Sequence[Text]) -> list[Reading]:
        """Read several texts."""
        return [self.read(text) for text in texts]

    def _vector(self, words: str) -> Vectors | None:
        return None if self._engine is None else self._engine.embed([words or "."])[0]

    def _verdict(
        self,
        words: str,
        text: Text,
        found: Mapping[str, Any],
        language: str,
        vector: Vectors | None,
    ) -> Verdict:
        command: Command | None = found["command"]
        signals: tuple[Found, ...] = found["signals"]
        near, chatter = (None, 0.0)
        if self._categories and vector is not None:
            near, chatter = self._categories.of(vector)
        evidence = Evidence(
            words,
            is_english=language == "en",
            is_launch=command is not None and command.confidence >= LIKELY,
            is_spam=total(signals) >= SPAM_FROM,
            model=near,
            chatter=chatter,
            about_project=text.about_project,
        )
        return verdict(evidence, self._classes)


def engine_name(engine: Engine | None) -> str:
    """Return what outputs call an engine, or what reads without one."""
    return engine.name if engine else KEYWORDS


def version_of(engine: Engine | None) -> str:
    """Return the version of the rules, and behind a plus that of the weights."""
    return f"{RULES}+{engine.version}" if engine else RULES


def _feature(text: str, one: Found) -> Feature:
    return Feature(name=one.name, span=(one.start, one.end), text=text[one.start : one.end])


def as_halves(vector: Vectors) -> bytes:
    """Return a vector of length 1 as 768 bytes: 384 little-endian halves (IEEE 754)."""
    return vector.astype(np.dtype("<f2")).tobytes()
