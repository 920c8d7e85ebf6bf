"""From a schema to an index mapping; pure.

What is looked up is indexed. Of a record as it came, every field that the schema knows is a
column, for whoever looks into the store with tools of Elasticsearch; a field of a later version
is kept like the rest and is no column.
"""

from typing import Any, get_args

import msgspec

from schemas.fields import Timestamp, Vector
from schemas.project import DIMENSIONS

Mapping = dict[str, Any]

LONGEST_TERM = 8191
"""In letters; Lucene takes 32,766 bytes, and a letter may be four."""
_VECTOR: Mapping = {
    "type": "dense_vector",
    "dims": DIMENSIONS,
    "index": True,
    "similarity": "cosine",
    # All are compared: what is nearest is no guess, and no graph has to be built (decision 0114).
    "index_options": {"type": "flat"},
}


def _told(kind: Any) -> str | None:
    """Return how a word of the vocabulary is described, which tells it from others."""
    return next(meta.description for meta in get_args(kind) if isinstance(meta, msgspec.Meta))


_TIMES, _VECTORS = _told(Timestamp), _told(Vector)


def mapping(entry: type[msgspec.Struct], record: type[msgspec.Struct] | None) -> Mapping:
    """Return the mapping of documents that are an *entry* around a *record*.

    Raises:
        TypeError: a field has a type that no mapping is known for.
    """
    properties = _properties(entry, indexed=True)
    if record is not None:
        columns = _properties(record, indexed=False)
        properties["record"] = {"type": "object", "dynamic": False, "properties": columns}
    found: Mapping = {"dynamic": "strict", "properties": properties}
    vectors = [name for name, field in properties.items() if field["type"] == "dense_vector"]
    # The record has them, too, in a quarter of the space.
    return {**found, "_source": {"excludes": vectors}} if vectors else found


def _properties(struct: type[msgspec.Struct], *, indexed: bool) -> Mapping:
    fields = msgspec.structs.fields(struct)
    types = msgspec.inspect.multi_type_info(field.type for field in fields)
    return {
        field.encode_name: _field(of, indexed=indexed)
        for field, of in zip(fields, types, strict=True)
    }


def _field(of: msgspec.inspect.Type, *, indexed: bool) -> Mapping:
    match of:
        case msgspec.inspect.Metadata(extra_json_schema={"description": said}) if said == _TIMES:
            return _scalar("date", indexed=indexed)
        case msgspec.inspect.Metadata(extra_json_schema={"description": said}) if said == _VECTORS:
            return _VECTOR
        case msgspec.inspect.StructType(cls=struct):
            dynamic: Any = "strict" if indexed else False
            columns = _properties(struct, indexed=indexed)
            return {"type": "object", "dynamic": dynamic, "properties": columns}
        case msgspec.inspect.DictType():
            return {"type": "object", "enabled": False}
    inner = _inner(of)
    return _field(inner, indexed=indexed) if inner else _scalar(_scalar_type(of), indexed=indexed)


def _inner(of: msgspec.inspect.Type) -> msgspec.inspect.Type | None:
    """Return what a type is about: Elasticsearch knows neither lists nor what may be null."""
    match of:
        case msgspec.inspect.Metadata(type=inner):
            return inner
        case msgspec.inspect.VarTupleType(item_type=inner):
            return inner
        case msgspec.inspect.UnionType(types=types):
            (inner,) = (t for t in types if not isinstance(t, msgspec.inspect.NoneType))
            return inner
    return None


def _scalar(kind: str, *, indexed: bool) -> Mapping:
    found: Mapping = {"type": kind}
    if not indexed:
        found["index"] = False
        if kind == "keyword":
            found["ignore_above"] = LONGEST_TERM
    return found


def _scalar_type(of: msgspec.inspect.Type) -> str:
    match of:
        case msgspec.inspect.StrType() | msgspec.inspect.LiteralType():
            return "keyword"
        case msgspec.inspect.BoolType():
            return "boolean"
        case msgspec.inspect.IntType():
            return "long"
        case msgspec.inspect.FloatType():
            return "double"
    raise TypeError(f"No mapping is known for {of!r}.")
