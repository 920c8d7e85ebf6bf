"""What breaks those who ask in GraphQL: as the library of the language compares two schemas."""

from collections.abc import Iterator

from graphql import build_schema
from graphql.utilities import find_breaking_changes


def breaks(old: str, new: str) -> Iterator[str]:
    """Yield a sentence for all that the schema *new* breaks of *old*, both as text."""
    for change in find_breaking_changes(build_schema(old), build_schema(new)):
        yield change.description
