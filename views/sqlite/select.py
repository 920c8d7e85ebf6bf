"""The statements of keyset pages and of searches; pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from domain.order import order_key
from domain.search import MAX_WORDS, fragments, words
from views.columns import column_of, equal_filters
from views.contract import Key, TokenQuery

Statement = tuple[str, Sequence[Any]]

CANDIDATES = 300
"""So many documents are looked at, those with the rarest fragments in common first."""


def tokens_statements(query: TokenQuery) -> Iterator[Statement]:
    """Yield the statements that together are a page and one token more, in order.

    The known ones first, by an index on (figure, mint), then the unknown ones: one statement for
    both would have to sort every token.
    """
    conditions, values = _conditions(query)
    figure, order = column_of(query.sort_by), "DESC" if query.descending else "ASC"
    after, columns = query.after, f"{figure}, mint, version, slot, body"
    if after is None or after.sort is not None:
        known, more = _after(figure, after, descending=query.descending, ties="mint")
        where = " AND ".join([*conditions, f"{figure} IS NOT NULL", *known])
        ordered = f"{figure} {order}, mint ASC LIMIT {query.limit + 1}"
        yield f"SELECT {columns} FROM tokens WHERE {where} ORDER BY {ordered}", [*values, *more]  # noqa: S608
    last = after.id if after is not None and after.sort is None else ""
    where = " AND ".join([*conditions, f"{figure} IS NULL", "mint > ?"])
    ordered = f"mint ASC LIMIT {query.limit + 1}"
    yield f"SELECT {columns} FROM tokens WHERE {where} ORDER BY {ordered}", [*values, last]  # noqa: S608


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


def titles_match(text: str) -> str | None:
    """Return the full-text query of ``TokenQuery.text``, None where it has no words."""
    parts = [f'titles : "{word}"*' for word in words(text)]
    return " AND ".join(parts) or None


def candidates_match(text: str, *columns: str) -> str | None:
    """Return the full-text query that finds all that may answer *text*; None without words."""
    wanted = words(text)[:MAX_WORDS]
    if not wanted:
        return None
    pieces = {piece for word in (*wanted, "".join(wanted)) for piece in fragments(word)}
    listed = " OR ".join(f'"{piece}"' for piece in sorted(pieces))
    starts = [f'{column} : "{word}"*' for word in wanted for column in columns]
    return " OR ".join([f"fragments : ({listed})", *starts])


def _conditions(query: TokenQuery) -> tuple[list[str], list[Any]]:
    equal = {name: value for name, value in equal_filters(query).items() if value is not None}
    conditions = ["body IS NOT NULL", *(f"{name} = ?" for name in equal)]
    values: list[Any] = list(equal.values())
    if query.stages:
        conditions.append(f"stage IN ({', '.join('?' * len(query.stages))})")
        values += query.stages
    for operator, bounds in ((">=", query.at_least), ("<=", query.at_most)):
        conditions += [f"{column_of(figure)} {operator} ?" for figure in bounds]
        values += [order_key(bound) for bound in bounds.values()]
    match = titles_match(query.text or "")
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
