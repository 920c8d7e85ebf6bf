"""All contracts of today's code as files; pure, and the same bytes each time."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from api.app import routed
from api.graphql.schema import schema
from api.llms import overview
from api.openapi import describe
from btracker.contracts.asyncapi import describe_events
from schemas.topics import CATALOGUE
from streams.cloud_events import noun

OPENAPI = "openapi.json"
ASYNCAPI = "asyncapi.json"
GRAPHQL = "schema.graphql"
LLMS = "llms.txt"
NOUNS: Mapping[str, Any] = {noun(topic): topic.value for topic in CATALOGUE if topic.public}
"""The public nouns and their types: what one record of each public topic is."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def documents() -> dict[str, Any]:
    """Return each contract by the name of its file."""
    described = describe(routed())
    return {
        OPENAPI: described,
        LLMS: overview(described),
        ASYNCAPI: describe_events(),
        GRAPHQL: schema().as_str() + "\n",
        **{f"schemas/{name}.json": schema_of(name, kind) for name, kind in NOUNS.items()},
    }


def schema_of(name: str, kind: Any) -> dict[str, Any]:
    """Return the JSON Schema of a noun, with all that it refers to."""
    head = {"$schema": DIALECT, "$id": f"urn:btracker:schema:{name}"}
    return {**head, **msgspec.json.schema(kind)}


def rendered(document: Any) -> bytes:
    """Return a contract as it stands in its file: indented, so that a change shows its line."""
    if isinstance(document, str):
        return document.encode()
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
