"""The request that changes single settings of a topic, which aiokafka lacks."""

from collections.abc import Iterable
from typing import Any, ClassVar

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int8, Int16, Int32, Schema, String

TOPIC = 2
SET = 0
_STRING = String("utf-8")


class AlteredConfigs(Response):  # type: ignore[misc]  # aiokafka has no types.
    """IncrementalAlterConfigs, answer of version 0. Source: the protocol guide of Apache Kafka."""

    API_KEY = 44
    API_VERSION = 0
    SCHEMA: ClassVar[Any] = Schema(
        ("throttle_time_ms", Int32),
        (
            "resources",
            Array(
                ("error_code", Int16),
                ("error_message", _STRING),
                ("resource_type", Int8),
                ("resource_name", _STRING),
            ),
        ),
    )


class AlterConfigsV0(RequestStruct):  # type: ignore[misc]  # As above.
    """IncrementalAlterConfigs, version 0."""

    API_KEY = 44
    API_VERSION = 0
    RESPONSE_TYPE = AlteredConfigs
    SCHEMA: ClassVar[Any] = Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", _STRING),
                (
                    "configs",
                    Array(("name", _STRING), ("config_operation", Int8), ("value", _STRING)),
                ),
            ),
        ),
        ("validate_only", Boolean),
    )


class AlterTopic(Request[AlterConfigsV0]):  # type: ignore[misc]  # As above.
    """Gives a topic these values of these settings, and leaves all others as they are.

    The older AlterConfigs, which aiokafka has, would unset what it does not name.
    """

    API_KEY = 44

    def __init__(self, topic: str, settings: Iterable[tuple[str, str]]) -> None:
        self._topic, self._settings = topic, settings

    def build(self, request_struct_class: type[AlterConfigsV0]) -> AlterConfigsV0:
        """Return the request as it is sent."""
        settings = [(name, SET, value) for name, value in self._settings]
        return request_struct_class([(TOPIC, self._topic, settings)], False)
