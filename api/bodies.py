"""Tokens as the bytes they came as, in shapes that are described as what they are."""

from typing import Annotated, Any

from msgspec import Meta

REF = "#/components/schemas/{name}"
TOKEN_REF = {"$ref": REF.format(name="Token")}
TokenBody = Annotated[Any, Meta(extra_json_schema=TOKEN_REF)]
"""A token as the bytes it came as; described as what they are."""
MaybeTokenBody = Annotated[Any, Meta(extra_json_schema={"anyOf": [TOKEN_REF, {"type": "null"}]})]
