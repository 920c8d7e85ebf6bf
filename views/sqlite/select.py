"""The statements of keyset pages and of searches; pure."""

from collections.abc import Sequence
from typing import Any

import msgspec

from domain.order import order_key
from domain.search import MAX_WORDS, wanted_fragments, words
from schemas.fields import Mint
from views.columns import column_of, equal_filters
from views.contract import Key, TokenQuery

Statement = tuple[str, Sequence[Any]]

CANDIDATES = 100
"""So many documents of a kind are ranked, at most, per way of finding them."""


def tokens_statement(query: TokenQuery, rows: Sequence[int]) -> Statement:
    """Return the statement of a page and one token more, of *rows*, which have a query's facets."""
    conditions, values = _bounds(query)
    figure, order = column_of(query.sort_by), "DESC" if query.descending else "ASC"
    behind, key = _behind(figure, query.after, descending=query.descending)
    where = " AND ".join(["id IN (SELECT value FROM json_each(?))", *conditions, *behind])
    inner = (
        f"SELECT {figure}, mint, version, slot, id FROM tokens WHERE {where} "  # noqa: S608
        f"ORDER BY {figure} {order} NULLS LAST, mint ASC LIMIT {query.limit + 1}"
    )
    # Bodies are read last of all.
    body = "(SELECT body FROM token_bodies WHERE token_bodies.id = found.id)"
    statement = f"SELECT {figure}, mint, version, slot, {body} FROM ({inner}) AS found"  # noqa: S608
    return statement, [msgspec.json.encode(rows).decode(), *values, *key]


def fitting_statement(query: TokenQuery, mints: Sequence[Mint]) -> Statement:
    """Return the statement of those of some tokens that pass a query's filters."""
    conditions, values = _conditions(query)
    where = " AND ".join([*conditions, "mint IN (SELECT value FROM json_each(?))"])
    return f"SELECT mint FROM tokens WHERE {where}", [*values, msgspec.json.encode(mints).decode()]  # noqa: S608


def page_statement(
    columns: str,
    conditions: str,
    values: Sequence[Any],
    *,
    after: Key | None,
    limit: int,
    ties: str,
) -> Statement:
    """Return the statement of a page and one more, by ``sort`` descending, ties by id.

    *columns* names table and columns, like ``id, body FROM trades``.
    """
    known, more = _after(after, ties=ties)
    where = " AND ".join([conditions, *known])
    ordered = f"sort DESC, {ties} ASC LIMIT {limit + 1}"
    return f"SELECT sort, {columns} WHERE {where} ORDER BY {ordered}", [*values, *more]


def exact_match(text: str, column: str, *, whole: bool) -> str | None:
    """Return the full-text query of what has all words in a column, whole or begun; else None."""
    wanted = words(text)[:MAX_WORDS]
    parts = [f'{column} : "{word}"{"" if whole else "*"}' for word in wanted]
    return " AND ".join(parts) or None


def near_matches(text: str, *columns: str) -> list[str]:
    """Return the full-text queries, piece by piece, of all that may answer *text*."""
    wanted = words(text)[:MAX_WORDS]
    pieces = {piece for word in (*wanted, "".join(wanted)) for piece in wanted_fragments(word)}
    near = [f'fragments : "{piece}"' for piece in sorted(pieces)]
    return near + [f'{column} : "{word}"*' for word in wanted for column in columns]


def _conditions(query: TokenQuery) -> tuple[list[str], list[Any]]:
    equal = {name: value for name, value in equal_filters(query).items() if value is not None}
    conditions = ["stage IS NOT NULL", *(f"{name} = ?" for name in equal)]
    values: list[Any] = list(equal.values())
    if query.stages:
        conditions.append(f"stage IN ({', '.join('?' * len(query.stages))})")
        values += query.stages
    bounds, keys = _bounds(query)
    conditions += bounds
    values += keys
    match = exact_match(query.text or "", "titles", whole=False)
    if match:
        found = "SELECT rowid FROM token_text WHERE token_text MATCH ?"
        conditions.append(f"id IN ({found})")
        values.append(match)
    return conditions, values


def _bounds(query: TokenQuery) -> tuple[list[str], list[str]]:
    conditions: list[str] = []
    keys: list[str] = []
    for operator, bounds in ((">=", query.at_least), ("<=", query.at_most)):
        conditions += [f"{column_of(figure)} {operator} ?" for figure in bounds]
        keys += [order_key(bound) for bound in bounds.values()]
    return conditions, keys


def _behind(
    figure: str, after: Key | None, *, descending: bool
) -> tuple[list[str], list[str | None]]:
    """Return the condition of tokens behind a key; those with an unknown figure come last."""
    if after is None:
        return [], []
    if after.sort is None:
        return [f"{figure} IS NULL AND mint > ?"], [after.id]
    sign = "<" if descending else ">"
    behind = f"({figure} {sign} ? OR ({figure} = ? AND mint > ?) OR {figure} IS NULL)"
    return [behind], [after.sort, after.sort, after.id]


def _after(after: Key | None, *, ties: str) -> tuple[list[str], list[str | None]]:
    """Return the conditions of what follows a key; two, since OR alone would use no index."""
    if after is None:
        return [], []
    return ["sort <= ?", f"(sort < ? OR {ties} > ?)"], [after.sort, after.sort, after.id]
