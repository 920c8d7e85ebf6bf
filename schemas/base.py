"""The two shapes of every noun: a public record (a JSON object) and a row (a JSON array)."""

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """A public record: camelCase on the wire; fields are only ever added, with defaults.

    Records are trees, so the garbage collector need not look into them.
    """


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An internal value, written as a JSON array; fields are only ever added at the end."""
