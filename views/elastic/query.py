"""What is asked of Elasticsearch: filters, sorts, pages, candidates of a search; pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.order import order_key
from domain.search import MAX_WORDS, wanted_fragments, words
from schemas.fields import Mint
from schemas.project import Embedding
from views.columns import column_of, equal_filters
from views.contract import Key, TokenQuery
from views.likeness import halves, kind_of, model_of, singles

Clause = Mapping[str, Any]

STANDING: Clause = {"term": {"standing": True}}
CANDIDATES = 100
"""So many documents of a kind are ranked, at most, per way of finding them."""
KEYS_ALONE: Mapping[str, Any] = {
    "_source": False,
    "stored_fields": "_none_",
    "docvalue_fields": ["key"],
}
"""To be told of thousands by their keys: nothing that is kept is unpacked for that."""
MOST_PIECES = 256
"""Beyond this, fragments are looked for but not counted: a query has 1,024 clauses at most."""


def term(field: str, value: str | bool) -> Clause:
    """Return the clause of what is equal."""
    return {"term": {field: value}}


def between(field: str, **bounds: Any) -> Clause:
    """Return the clause of what is within bounds: gte, gt, lte, lt."""
    return {"range": {field: bounds}}


def search(
    *filters: Clause, size: int, sort: Sequence[Mapping[str, Any]], after: Sequence[Any] = ()
) -> dict[str, Any]:
    """Return a search for what passes all filters, in order."""
    asked: dict[str, Any] = {
        "query": {"bool": {"filter": filters}},
        "sort": sort,
        "size": size,
        "track_total_hits": False,
    }
    return {**asked, "search_after": after} if after else asked


def order(*fields: tuple[str, str]) -> list[Mapping[str, Any]]:
    """Return the sort by some (field, direction)."""
    return [{field: {"order": direction, "missing": "_last"}} for field, direction in fields]


def tokens(query: TokenQuery) -> dict[str, Any]:
    """Return the search for a page of tokens and one more."""
    figure = f"figures.{column_of(query.sort_by)}"
    return search(
        *_token_filters(query),
        size=query.limit + 1,
        sort=order((figure, "desc" if query.descending else "asc"), ("key", "asc")),
        after=_after(query.after),
    )


def fitting(query: TokenQuery, mints: Sequence[Mint]) -> dict[str, Any]:
    """Return the search for those of some tokens that pass a query's filters."""
    return among(*_token_filters(query), keys=mints)


def among(*filters: Clause, keys: Sequence[str]) -> dict[str, Any]:
    """Return the search for those of some documents that pass all filters."""
    named: Clause = {"terms": {"key": keys}}
    return {**search(*filters, named, size=len(keys), sort=[]), **KEYS_ALONE}


def nearest(record: Embedding, *, count: int) -> dict[str, Any]:
    """Return the search for the nearest vectors of the kind and model of one, but for its own."""
    same = {"kind": kind_of(record.id), "model": model_of(record)}
    others = {"must_not": term("key", record.id)}
    asked = {
        "field": "vector",
        "query_vector": singles(halves(record)).tolist(),
        "k": count,
        "num_candidates": count,
        "filter": {"bool": {"filter": [term(*one) for one in same.items()], **others}},
    }
    return {"knn": asked, "size": count, "track_total_hits": False, **KEYS_ALONE}


def listed(*filters: Clause, limit: int, after: Key | None, ties: str = "key") -> dict[str, Any]:
    """Return the search for a page and one more, by ``sort`` descending."""
    by = order(("sort", "desc"), (ties, "asc"))
    return search(*filters, size=limit + 1, sort=by, after=_after(after))


def titled(text: str, *, whole: bool) -> list[Clause]:
    """Return the clauses of tokens that have all words of a text, whole or begun."""
    kind = "term" if whole else "prefix"
    return [{kind: {"titles": word}} for word in words(text)[:MAX_WORDS]]


def near(text: str, *fields: str) -> Clause | None:
    """Return the clause of all that may answer a text; None without words."""
    wanted = words(text)[:MAX_WORDS]
    if not wanted:
        return None
    joined = (*wanted, "".join(wanted))
    pieces = sorted({piece for word in joined for piece in wanted_fragments(word)})
    any_of: list[Clause] = [
        *({"term": {"fragments": piece}} for piece in pieces[:MOST_PIECES]),
        *({"prefix": {field: word}} for word in wanted for field in fields),
    ]
    if len(pieces) > MOST_PIECES:
        any_of.append({"terms": {"fragments": pieces[MOST_PIECES:]}})
    return {"bool": {"should": any_of, "minimum_should_match": 1}}


def _token_filters(query: TokenQuery) -> Iterator[Clause]:
    yield STANDING
    for name, value in equal_filters(query).items():
        if value is not None:
            yield term(f"facets.{name}", value)
    if query.stages:
        yield {"terms": {"facets.stage": query.stages}}
    for operator, bounds in (("gte", query.at_least), ("lte", query.at_most)):
        for figure, bound in bounds.items():
            yield between(f"figures.{column_of(figure)}", **{operator: order_key(bound)})
    yield from titled(query.text or "", whole=False)


def _after(key: Key | None) -> Sequence[Any]:
    return (key.sort, key.id) if key else ()
