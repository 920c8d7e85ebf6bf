"""Scopes: what a caller may do, a whole or a part of it. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import get_args

from domain.errors import UsageError
from views.live.contract import Channel

Scope = str
"""``read``, or a part of it such as ``read:tokens``."""

PARTS: Mapping[Scope, tuple[str, ...]] = {
    "read": ("tokens", "market", "people"),
    "stream": get_args(Channel),
    "operate": (),
}
"""What can be given away: to read over REST, to follow live channels, to see the metrics."""
ANY = "*"
"""Needed instead of a part: whoever holds any of them may come."""
WHOLE: tuple[Scope, ...] = tuple(PARTS)


def check(scope: str) -> Scope:
    """Return *scope* if there is such a one.

    Raises:
        UsageError: there is not; names all that there are.
    """
    whole, _, part = scope.partition(":")
    if whole in PARTS and (scope == whole or part in PARTS[whole]):
        return scope
    named = ", ".join(
        f"{name} (or of it {', '.join(f'{name}:{part}' for part in parts)})" if parts else name
        for name, parts in PARTS.items()
    )
    raise UsageError(f"There is no scope {scope!r}; choose from {named}.")


def permits(held: Collection[Scope], need: Scope) -> bool:
    """Return whether who holds some scopes may do what needs one."""
    whole, _, part = need.partition(":")
    return need in held or whole in held or (part == ANY and permits_some(held, whole))


def permits_some(held: Iterable[Scope], whole: Scope) -> bool:
    """Return whether who holds some scopes may do anything at all of a whole one."""
    return any(scope.partition(":")[0] == whole for scope in held)
