"""The statements of keyset pages and of searches; pure."""

from collections.abc import Iterator, Sequence
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


def tokens_statements(query: TokenQuery) -> Iterator[Statement]:
    """Yield the statements that together are a page and one token more, in order.

    The known ones first, by an index on (figure, mint), then the unknown ones: one statement for
    both would have to sort every token.
    """
    conditions, values = _conditions(query)
    figure, order = column_of(query.sort_by), "DESC" if query.descending else "ASC"
    after = query.after
    if after is None or after.sort is not None:
        known, more = _after(figure, after, descending=query.descending, ties="mint")
        where = " AND ".join([*conditions, f"{figure} IS NOT NULL", *known])
        ordered = f"{figure} {order}, mint ASC LIMIT {query.limit + 1}"
        yield _with_bodies(figure, where, ordered), [*values, *more]
    last = after.id if after is not None and after.sort is None else ""
    where = " AND ".join([*conditions, f"{figure} IS NULL", "mint > ?"])
    ordered = f"mint ASC LIMIT {query.limit + 1}"
    yield _with_bodies(figure, where, ordered), [*values, last]


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
    known, more = _after("sort", after, descending=True, ties=ties)
    where = " AND ".join([conditions, *known])
    ordered = f"sort DESC, {ties} ASC LIMIT {limit + 1}"
    return f"SELECT sort, {columns} WHERE {where} ORDER BY {ordered}", [*values, *more]


def exact_match(text: str, column: str, *, whole: bool) -> str | None:
    """Return the full-text query of what has all words in a column, whole or begun; else None."""
    wanted = words(text)[:MAX_WORDS]
    parts = [f'{column} : "{word}"{"" if whole else "*"}' for word in wanted]
    return " AND ".join(parts) or None


def near_match(text: str, *columns: str) -> str | None:
    """Return the full-text query that finds all that may answer *text*; None without words."""
    wanted = words(text)[:MAX_WORDS]
    if not wanted:
        return None
    pieces = {piece for word in (*wanted, "".join(wanted)) for piece in wanted_fragments(word)}
    near = [f'fragments : "{piece}"' for piece in sorted(pieces)]
    starts = [f'{column} : "{word}"*' for word in wanted for column in columns]
    return " OR ".join([*near, *starts])


def _with_bodies(figure: str, where: str, ordered: str) -> str:
    """Return the statement of some tokens with their bodies, which are read last of all."""
    inner = f"SELECT {figure}, mint, version, slot, id FROM tokens WHERE {where} ORDER BY {ordered}"  # noqa: S608
    body = "(SELECT body FROM token_bodies WHERE token_bodies.id = found.id)"
    return f"SELECT {figure}, mint, version, slot, {body} FROM ({inner}) AS found"  # noqa: S608


def _conditions(query: TokenQuery) -> tuple[list[str], list[Any]]:
    equal = {name: value for name, value in equal_filters(query).items() if value is not None}
    conditions = ["stage IS NOT NULL", *(f"{name} = ?" for name in equal)]
    values: list[Any] = list(equal.values())
    if query.stages:
        conditions.append(f"stage IN ({', '.join('?' * len(query.stages))})")
        values += query.stages
    for operator, bounds in ((">=", query.at_least), ("<=", query.at_most)):
        conditions += [f"{column_of(figure)} {operator} ?" for figure in bounds]
        values += [order_key(bound) for bound in bounds.values()]
    match = exact_match(query.text or "", "titles", whole=False)
    if match:
        found = "SELECT rowid FROM token_text WHERE token_text MATCH ?"
        conditions.append(f"id IN ({found})")
        values.append(match)
    return conditions, values


def _after(
    column: str, after: Key | None, *, descending: bool, ties: str
) -> tuple[list[str], list[Any]]:
    """Return the conditions of what follows a key; two, since OR alone would use no index."""
    if after is None:
        return [], []
    sign = "<" if descending else ">"
    conditions = [f"{column} {sign}= ?", f"({column} {sign} ? OR {ties} > ?)"]
    return conditions, [after.sort, after.sort, after.id]
