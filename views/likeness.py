"""Comparing vectors, for every store; pure. A store only brings the candidates.

A half is a whole multiple of 2^-24, so the products of two vectors of length 1 add up exactly in
64 bits, whatever the order: the same numbers on every machine and in every store.
"""

import heapq
from binascii import Error as BadBase64
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from domain.errors import UnreadableError
from schemas.project import DIMENSIONS, Embedding

Item = TypeVar("Item")

HALF = np.dtype("<f2")
MOST_OFF = 0.01
"""How far from 1 the length of a vector may be; rounding to halves makes it 0.0005."""
PLACES = 4
REACH = 10_000
"""Filters look at so many of the nearest: what Elasticsearch gives at once."""
MARGIN = 2e-4
"""By so much a candidate has to be nearer than what a store has left out, to be nearer for sure:
half of the last place for the rounding of either, and what single precision is wrong by."""
_FIRST, _GROWTH = 4, 16
_ONE = 1 << 24


class Alike(msgspec.Struct, Generic[Item], frozen=True):
    """Something that is like another thing. ``similarity``: 0 to 1, rounded to 4 places."""

    similarity: float
    item: Item


class Similar(msgspec.Struct, Generic[Item], frozen=True):
    """What is like one thing, best first, ties by id.

    ``engine`` and ``version`` made the vectors that were compared; None: there is none of that one
    thing, so nothing was.
    """

    items: tuple[Alike[Item], ...] = ()
    engine: str | None = None
    version: str | None = None


class Likeness(NamedTuple):
    """How like one vector another is, 0 to 1, and whose that is."""

    similarity: float
    key: str


class Nearest(NamedTuple):
    """Candidates by key, with their cosines in single precision.

    ``floor``: nothing that is left out has a greater cosine; None: nothing is left out.
    """

    cosines: Mapping[str, float]
    floor: float | None


def token_key(mint: str) -> str:
    """Return the key of a token's vector."""
    return f"token:{mint}"


def post_key(post_id: str) -> str:
    """Return the key of a post's vector."""
    return f"post:{post_id}"


def kind_of(key: str) -> str:
    """Return what a key speaks of: token or post."""
    return key.partition(":")[0]


def id_of(key: str) -> str:
    """Return the mint or the post's id of a key."""
    return key.partition(":")[2]


def model_of(record: Embedding) -> str:
    """Return by what a vector was made: vectors of others do not compare."""
    return f"{record.engine}\n{record.version}"


def halves(record: Embedding) -> bytes:
    """Return the halves of a vector.

    Raises:
        UnreadableError: they are not 384 that are 1 long.
    """
    try:
        found = a2b_base64(record.vector.encode(), strict_mode=True)
    except (BadBase64, UnicodeEncodeError) as error:
        raise UnreadableError(f"The vector of {record.id} is no base64: {error}.") from None
    if len(found) != DIMENSIONS * HALF.itemsize:
        raise UnreadableError(f"The vector of {record.id} has not {DIMENSIONS} halves.")
    length = float(np.linalg.norm(singles(found)))
    if not abs(length - 1) <= MOST_OFF:
        raise UnreadableError(f"The vector of {record.id} is {length:.3g} long, not 1.")
    return found


def singles(vector: bytes) -> npt.NDArray[np.float32]:
    """Return halves in single precision, which has them exactly."""
    return np.frombuffer(vector, HALF).astype(np.float32)


def ranked(of: bytes, candidates: Mapping[str, bytes]) -> list[Likeness]:
    """Return how like *of* all candidates are, best first, ties by key."""
    found = map(Likeness, similarities(of, [*candidates.values()]), candidates)
    return sorted(found, key=lambda one: (-one.similarity, one.key))


def similarities(of: bytes, others: Sequence[bytes]) -> list[float]:
    """Return the cosines of vectors and one, 0 where they are negative, rounded to 4 places."""
    one, many = _whole(of)[0], _whole(b"".join(others))
    cosines = (many @ one) / np.sqrt((many * many).sum(axis=1) * float(one @ one))
    return [round(min(1.0, max(0.0, cosine)), PLACES) for cosine in cosines.tolist()]


def contenders(cosines: Mapping[str, float], limit: int) -> list[str]:
    """Return the keys of those that may be among the *limit* nearest of some."""
    likely = {key: max(0.0, cosine) for key, cosine in cosines.items()}
    if len(likely) <= limit:
        return [*likely]
    least = heapq.nlargest(limit, likely.values())[-1] - MARGIN
    return [key for key, cosine in likely.items() if cosine >= least]


def certain(found: Sequence[Likeness], floor: float | None) -> list[Likeness]:
    """Return the beginning of what was found that nothing left out could come before."""
    least = -1.0 if floor is None else max(floor, 0.0) + MARGIN
    return [one for one in found if one.similarity > least]


def counts(limit: int) -> Iterator[int]:
    """Yield how many candidates to look at for *limit* answers; each time that these are too few.

    Many may be alike to the last place, as copies are, and filters may let few of them pass.
    """
    count = _FIRST * limit
    while count < REACH:
        yield count
        count *= _GROWTH
    yield REACH


def similar(
    own: Embedding,
    others: Iterable[Embedding],
    fitting: Callable[[str], Item | None],
    *,
    limit: int,
) -> Similar[Item]:
    """Return what is like *own* of all that there is; *fitting* gives an item by its id."""
    vectors = {
        other.id: halves(other)
        for other in others
        if other.id != own.id
        and kind_of(other.id) == kind_of(own.id)
        and model_of(other) == model_of(own)
    }
    items = [
        Alike(one.similarity, item)
        for one in ranked(halves(own), vectors)[:REACH]
        if (item := fitting(id_of(one.key))) is not None
    ]
    return Similar(tuple(items[:limit]), own.engine, own.version)


def _whole(vectors: bytes) -> npt.NDArray[np.int64]:
    """Return vectors as whole multiples of 2^-24."""
    halves_ = np.frombuffer(vectors, HALF).reshape(-1, DIMENSIONS)
    return (halves_.astype(np.float64) * _ONE).astype(np.int64)
