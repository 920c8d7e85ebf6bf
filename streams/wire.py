"""Where Faust meets the schemas: one JSON codec per schema, carried by the type."""

from functools import cache
from hashlib import blake2b
from typing import Any

import msgspec
from faust.serializers.codecs import Codec
from faust.types.models import ModelOptions, ModelT

from domain.errors import UnreadableError


class SchemaCodec(Codec):
    """JSON to one schema and back, validated while decoding."""

    def __init__(self, children: Any = None, *, schema: Any) -> None:
        super().__init__(children, schema=schema)
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(schema)
        self.encode = msgspec.json.Encoder().encode

    def decode(self, data: bytes | None) -> Any:
        """Return the value that *data* holds.

        Raises:
            UnreadableError: *data* is missing, is no JSON, or does not fit the schema.
        """
        if data is None:
            raise UnreadableError("there is no value")
        try:
            return self._decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnreadableError(str(error)) from error

    def _loads(self, s: bytes) -> Any:
        return self.decode(s)

    def _dumps(self, s: Any) -> bytes:
        return self.encode(s)


class Wire(ModelT):
    """A schema as Faust sees it; never instantiated."""

    @classmethod
    def from_data(cls, data: Any, *, preferred_type: Any = None) -> Any:
        """Return *data*: the codec has built it already."""
        del preferred_type
        return data


@cache
def codec(schema: Any) -> SchemaCodec:
    """Return the codec of *schema* (a struct, or a union of tagged ones)."""
    return SchemaCodec(schema=schema)


@cache
def version(schema: Any) -> str:
    """Return a short text that changes whenever *schema* does, in a field or below it."""
    described = repr(msgspec.inspect.type_info(schema))
    return blake2b(described.encode(), digest_size=8).hexdigest()


@cache
def wire(schema: Any) -> Any:
    """Return *schema* as a Faust ``value_type``; the same type every time."""
    options = ModelOptions()
    options.serializer = codec(schema)
    name = getattr(schema, "__name__", "Union")
    return type(f"{name}Wire", (Wire,), {"_options": options})
