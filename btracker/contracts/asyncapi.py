"""The AsyncAPI 3 document: the live WebSocket and the public Kafka topics."""

from importlib.metadata import version
from typing import Any

import msgspec
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from api.routes.graphql import PATH
from api.stream.protocol import SUBPROTOCOL
from btracker.contracts.live import REF, Schema, commands, live_schemas, told
from schemas.topics import CATALOGUE, DLQ_SUFFIX, Topic
from streams.cloud_events import cloud_event, noun
from views.index.reading import BY_TOPIC

ABOUT = (
    "What Btracker says without being asked: the messages of its live WebSocket, and the records "
    "of its public Kafka topics. Fields are added, never renamed or dropped."
)
JSON = "application/json"
PUBLIC = tuple(topic for topic in CATALOGUE if topic.public)
STREAM = "stream"
GRAPHQL = "graphql"
DEAD_LETTERS = "deadLetters"

CONSTANTS = ("ce_specversion", "ce_source", "ce_type", "content-type")
HEADERS = {
    "ce_specversion": "CloudEvents 1.0, in Kafka's binary mode.",
    "ce_source": "Who says it.",
    "content-type": "What the value is.",
    "ce_id": "The same id is the same record, delivered again.",
    "ce_type": "What one record is.",
    "ce_time": "Chain time, RFC 3339 in UTC; absent where there is none.",
    "ce_subject": "The mint, or the post's id.",
    "bt_slot": "The slot it speaks of, as text.",
    "bt_op": "Created, updated or deleted.",
}
DEAD_LETTER_HEADERS = {
    "error": "Why it could not be read, in a sentence.",
    "source_partition": "The partition it came from, as text.",
    "source_offset": "Its offset there, as text.",
}


def describe_events() -> dict[str, Any]:
    """Return the AsyncAPI 3 document, as data that JSON can hold."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Btracker",
            "version": version("btracker"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": JSON,
        "servers": {
            "api": {"host": "127.0.0.1:8080", "protocol": "ws", "description": "The API."},
            "kafka": {"host": "127.0.0.1:9092", "protocol": "kafka", "description": "The broker."},
        },
        "channels": {
            STREAM: _stream(),
            GRAPHQL: _graphql(),
            **{_name(topic): _channel(topic) for topic in PUBLIC},
            DEAD_LETTERS: _dead_letters(),
        },
        "operations": {
            "hear": _operation("receive", STREAM, commands()),
            "tell": _operation("send", STREAM, told()),
            **{f"publish.{_name(t)}": _operation("send", _name(t), [noun(t)]) for t in PUBLIC},
            "publish.deadLetters": _operation("send", DEAD_LETTERS, ["deadLetter"]),
        },
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _stream() -> dict[str, Any]:
    return {
        "address": "/v1/stream",
        "title": "The live WebSocket",
        "description": f"Subprotocol {SUBPROTOCOL}. Messages are JSON texts.",
        "servers": [{"$ref": "#/servers/api"}],
        "messages": {name: _message_ref(name) for name in {**commands(), **told()}},
        "bindings": {"ws": {"method": "GET"}},
    }


def _graphql() -> dict[str, Any]:
    return {
        "address": PATH,
        "title": "GraphQL subscriptions",
        "description": f"Subprotocol {GRAPHQL_TRANSPORT_WS_PROTOCOL}, whose messages its own "
        "specification describes; what may be subscribed to stands in schema.graphql.",
        "servers": [{"$ref": "#/servers/api"}],
        "bindings": {"ws": {"method": "GET"}},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    settings: dict[str, Any] = {"cleanup.policy": topic.cleanup.split(",")}
    if topic.retention_ms is not None:
        settings["retention.ms"] = topic.retention_ms
    given = {"partitions": topic.partitions} if topic.partitions else {}
    return {
        "address": topic.name,
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {noun(topic): _message_ref(f"record.{noun(topic)}")},
        "bindings": {"kafka": {"topic": topic.name, **given, "topicConfiguration": settings}},
    }


def _dead_letters() -> dict[str, Any]:
    names = [topic.name for topic in CATALOGUE if topic.dead_letters]
    return {
        "address": f"{{topic}}{DLQ_SUFFIX}",
        "description": "What could not be read, with its bytes as they came.",
        "servers": [{"$ref": "#/servers/kafka"}],
        "parameters": {"topic": {"enum": names, "description": "The topic it came from."}},
        "messages": {"deadLetter": _message_ref("record.deadLetter")},
    }


def _operation(action: str, channel: str, names: Any) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
    }


def _messages() -> dict[str, Any]:
    return {
        **{name: {"name": name, "payload": one} for name, one in {**commands(), **told()}.items()},
        **{f"record.{noun(topic)}": _record(topic) for topic in PUBLIC},
        "record.deadLetter": {
            "name": "deadLetter",
            "summary": "A dead letter: the headers it came with, and why it is here.",
            "contentType": "application/octet-stream",
            "headers": _texts(DEAD_LETTER_HEADERS),
            "bindings": {"kafka": {"key": {"description": "As it came."}}},
        },
    }


def _record(topic: Topic) -> dict[str, Any]:
    value = {"$ref": REF.format(name=topic.value.__name__)}
    may_go = BY_TOPIC[topic.name].tombstones
    gone = "The value is null when it is gone." if may_go else "The value is never null."
    return {
        "name": noun(topic),
        "summary": f"A record of {topic.name}. {gone}",
        "contentType": JSON,
        "headers": _headers(topic),
        "payload": {"anyOf": [value, {"type": "null"}]} if may_go else value,
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}}},
    }


def _headers(topic: Topic) -> Schema:
    """Return the schema of a record's headers, by those that one is given."""
    given = cloud_event(topic, event_id="", subject="", slot=0, time="", op="c")
    plain = cloud_event(topic, event_id="", subject="", slot=0, time=None, op="c")
    schema = _texts({name: HEADERS[name] for name, _ in given})
    for name, value in given:
        if name in CONSTANTS:
            schema["properties"][name]["const"] = value.decode()
    schema["properties"]["bt_op"]["enum"] = ["c", "u", "d"]
    return {**schema, "required": [name for name, _ in plain]}


def _texts(about: dict[str, str]) -> Schema:
    properties = {
        name: {"type": "string", "description": sentence} for name, sentence in about.items()
    }
    return {"type": "object", "properties": properties, "required": [*about]}


def _schemas() -> dict[str, Schema]:
    _, records = msgspec.json.schema_components([t.value for t in PUBLIC], ref_template=REF)
    return dict(sorted({**records, **live_schemas()}.items()))


def _message_ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/messages/{name}"}


def _name(topic: Topic) -> str:
    return topic.name.rpartition(".")[2]
