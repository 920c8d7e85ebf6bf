"""Labelled texts and the classes' own sentences -> a head."""

from pathlib import Path

from domain.errors import UsageError
from domain.posts.analysis.classes import PROTOTYPES
from domain.posts.analysis.plain import plain
from domain.posts.normalise import normalise
from language.categories import train
from language.engines import Choice, open_engine
from language.labelled import Labelled


def train_head(labelled: Labelled, path: Path, choice: Choice) -> int:
    """Write a head to *path*; return how many texts of the file it was trained on.

    Raises:
        UsageError: there is no model, or no row with a class of ours.
    """
    engine = open_engine(choice)
    if engine is None:
        raise UsageError("A head needs a model; make setup installs one.")
    names = tuple(PROTOTYPES)
    told = [(row, row.category) for row in labelled.rows if row.category in PROTOTYPES]
    if not told:
        raise UsageError(f"No row has a class that can be learned; there are {', '.join(names)}.")
    texts = [plain(normalise(row.said.text)) or "." for row, _ in told]
    texts += [sentence for name in names for sentence in PROTOTYPES[name]]
    labels = [names.index(category) for _, category in told if category]
    labels += [names.index(name) for name in names for _ in PROTOTYPES[name]]
    train(names, engine.embed(texts), labels).save(path)
    return len(told)
