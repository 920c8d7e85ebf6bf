"""Texts -> how near they are to each class: prototypes, and a head where one was trained."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from domain.posts.analysis.classes import CHATTER, PROTOTYPES
from language.engines import Engine, Vectors

NEAREST = 2
"""Of a class's sentences so many count, beside the middle of all of them."""
HEAD_SHARE = 0.5
CHATTER_NAME = "chatter"


class Near:
    """The sentences of a class, embedded; how near a vector is to them."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        middle = vectors.mean(axis=0)
        self._middle = middle / np.linalg.norm(middle)

    def to(self, vector: Vectors) -> float:
        """Return the mean of the nearest sentences' cosine and the middle's."""
        nearest = np.sort(self._vectors @ vector)[-NEAREST:].mean()
        return float((nearest + self._middle @ vector) / 2)


class Categories:
    """Classes as a model sees them."""

    def __init__(self, engine: Engine, *, head: "Head | None" = None) -> None:
        sentences = {**PROTOTYPES, CHATTER_NAME: CHATTER}
        self._near = {name: Near(engine.embed(some)) for name, some in sentences.items()}
        self._head = head

    def of(self, vector: Vectors) -> tuple[Mapping[str, float], float]:
        """Return the cosine of *vector* to each class, and to what is no project."""
        near = {name: kind.to(vector) for name, kind in self._near.items()}
        chatter = near.pop(CHATTER_NAME)
        return (near if self._head is None else self._head.mixed(near, vector)), chatter


class Head:
    """Weights trained on labelled texts: plain arrays, in a file that holds no code."""

    def __init__(self, names: tuple[str, ...], weights: Vectors, bias: Vectors) -> None:
        self._names, self._weights, self._bias = names, weights, bias

    @classmethod
    def load(cls, path: Path) -> "Head":
        """Return the head in the file *path*."""
        with np.load(path, allow_pickle=False) as kept:
            return cls(tuple(map(str, kept["names"])), kept["weights"], kept["bias"])

    def save(self, path: Path) -> None:
        """Write the arrays to *path*, an ``.npz``."""
        np.savez(path, names=np.array(self._names), weights=self._weights, bias=self._bias)

    def mixed(self, near: Mapping[str, float], vector: Vectors) -> dict[str, float]:
        """Return *near* moved towards what the head says, on the scale of *near*."""
        said = dict(zip(self._names, self._weights @ vector + self._bias, strict=True))
        scale = _spread(near.values()) / (_spread(said.values()) or 1.0)
        middle, zero = float(np.mean([*near.values()])), float(np.mean([*said.values()]))
        return {
            name: (1 - HEAD_SHARE) * value
            + HEAD_SHARE * (middle + scale * (float(said.get(name, zero)) - zero))
            for name, value in near.items()
        }


def train(
    names: tuple[str, ...], vectors: Vectors, labels: list[int], *, penalty: float = 0.01
) -> Head:
    """Return a head by logistic regression in which every class weighs the same.

    *labels* are indexes into *names*, one per row of *vectors*.
    """
    told = np.eye(len(names), dtype=np.float32)[labels]
    share = (1 / told.sum(axis=0).clip(1))[labels]
    share = (share / share.sum())[:, None]
    weights, bias = np.zeros((len(names), vectors.shape[1]), np.float32), np.zeros(len(names))
    for _ in range(1_500):
        raised = vectors @ weights.T + bias
        chances = np.exp(raised - raised.max(axis=1, keepdims=True))
        wrong = (chances / chances.sum(axis=1, keepdims=True) - told) * share
        weights -= 3.0 * (wrong.T @ vectors + penalty * weights).astype(np.float32)
        bias -= 3.0 * wrong.sum(axis=0)
    return Head(names, weights, bias.astype(np.float32))


def _spread(values: object) -> float:
    return float(np.std([*values]))  # type: ignore[misc]
