"""One module per changelog-backed table."""

from importlib import import_module
from pkgutil import iter_modules

from schemas.topics import Topic


def changelogs() -> tuple[Topic, ...]:
    """Return the changelog topics of all tables, for whoever creates topics."""
    modules = [import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__)]
    return tuple(vars(module)[module.__name__.rpartition(".")[2]].topic for module in modules)
