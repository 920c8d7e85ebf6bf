"""Cosines of vectors of halves, against fractions."""

import struct
from base64 import b64encode
from fractions import Fraction
from math import isqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import UnreadableError
from schemas.project import DIMENSIONS, Embedding
from tests.samples import embedding
from views.likeness import REACH, certain, contenders, counts, halves, ranked, similarities

NUMBERS = st.lists(st.integers(-9, 9), min_size=1, max_size=5).filter(any)


def fractions(vector: bytes) -> list[Fraction]:
    """Return the numbers of a vector exactly."""
    return [Fraction(number) for number in struct.unpack(f"<{DIMENSIONS}e", vector)]


def cosine(one: list[Fraction], other: list[Fraction]) -> Fraction:
    """Return a cosine, to 40 binary places: square roots have no end."""
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    square = sum(a * a for a in one) * sum(b * b for b in other)
    scale = 1 << 96
    return dot / Fraction(isqrt(int(square * scale * scale)), scale)


@settings(max_examples=40, deadline=None)
@given(NUMBERS, st.lists(NUMBERS, min_size=1, max_size=4))
def test_similarities_are_cosines_to_four_places(of: list[int], others: list[list[int]]) -> None:
    """Each is nearest to the exact cosine of the halves, and never below 0."""
    one = halves(embedding("token:a", *of))
    many = [halves(embedding("token:b", *other)) for other in others]

    for told, other in zip(similarities(one, many), many, strict=True):
        exact = max(Fraction(0), min(Fraction(1), cosine(fractions(one), fractions(other))))

        assert abs(Fraction(told) - exact) <= Fraction(1, 20_000) + Fraction(1, 10**12)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdefgh"), NUMBERS, min_size=2))
def test_the_order_does_not_depend_on_how_they_were_found(vectors: dict[str, list[int]]) -> None:
    """Candidates in any order, or without the furthest, give the same beginning."""
    made = {key: halves(embedding(key, *numbers)) for key, numbers in vectors.items()}
    of = halves(embedding("a", 1, 2))
    every = ranked(of, made)
    backwards = ranked(of, dict(reversed(made.items())))
    kept = {one.key: made[one.key] for one in every[:-1]}
    sure = certain(ranked(of, kept), floor=every[-1].similarity)
    near = {one.key: one.similarity + 1e-6 for one in reversed(every)}

    assert every == backwards == sorted(every, key=lambda one: (-one.similarity, one.key))
    assert sure == every[: len(sure)]
    assert all(one.similarity > every[-1].similarity for one in sure)
    for limit in range(1, len(every) + 1):
        assert {one.key for one in every[:limit]} <= set(contenders(near, limit))


def test_ever_more_candidates_are_looked_at() -> None:
    """They grow until the last look, which is as far as all stores reach."""
    for limit in (1, 50, 100):
        looks = [*counts(limit)]

        assert looks == sorted(set(looks))
        assert looks[0] > limit
        assert REACH == looks[-1]


def raw(*numbers: float) -> str:
    """Return numbers as halves in base64."""
    return b64encode(struct.pack(f"<{len(numbers)}e", *numbers)).decode()


@pytest.mark.parametrize(
    "vector",
    ["", "no base64!", "é", raw(1.0), raw(*[0.0] * DIMENSIONS), raw(*[1.0] * DIMENSIONS),
     raw(float("nan"), *[0.0] * (DIMENSIONS - 1)), raw(float("inf"), *[0.0] * (DIMENSIONS - 1)),
     raw(1.0, *[0.0] * DIMENSIONS)],
)  # fmt: skip
def test_what_is_no_vector_is_refused(vector: str) -> None:
    """Other than 384 numbers of length 1 cannot be compared; it becomes a dead letter."""
    with pytest.raises(UnreadableError, match="vector of token:m"):
        halves(Embedding(id="token:m", vector=vector, engine="onnx", version="1"))
