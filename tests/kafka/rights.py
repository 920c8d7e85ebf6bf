"""Rights at Kafka, as ``docs/operations.md`` lists them: read there, and given to users."""

import re
from pathlib import Path
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from schemas.kafka import Kafka

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
HEAD = "| user of | may | on |"
RESOURCES = {"topics": 2, "groups": 3, "cluster": 4, "transactional ids": 5}
OPERATIONS = {
    "Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10, "AlterConfigs": 11,
    "IdempotentWrite": 12,
}  # fmt: skip
PREFIXED, LITERAL, ALLOW = 4, 3, 3
"""Source: ``org.apache.kafka.common.acl`` and ``.resource``, the codes of their enums."""


class Right(NamedTuple):
    """What the user of a process may do."""

    process: str
    operation: str
    resource: str
    name: str


def documented() -> list[Right]:
    """Return the rights in the table of the documentation."""
    table = DOCUMENT.read_text().partition(HEAD)[2].partition("\n\n")[0]
    process, rights = "", list[Right]()
    for row in table.strip().splitlines()[1:]:
        user, may, on = (cell.strip() for cell in row.strip("|").split("|"))
        process = user.strip("`") or process
        kind = next(kind for kind in RESOURCES if kind in on)
        rights += [
            Right(process, operation, kind, name)
            for operation in may.split(", ")
            for name in re.findall(r"`([^`]+)`", on) or ["kafka-cluster"]
        ]
    return rights


async def give(kafka: Kafka, rights: list[Right], users: dict[str, str]) -> None:
    """Give *rights* to the principals of their processes, all at once; come as one who may."""
    admin = AIOKafkaAdminClient(**kafka.options)
    await admin.start()
    try:
        for right in rights:
            answer = await admin._send_request(_request(right, users[right.process]))
            assert [0] == [code for code, _ in answer.creation_responses], answer
    finally:
        await admin.close()


def _request(right: Right, principal: str) -> CreateAclsRequest:
    name = right.name.removesuffix("*")
    pattern = LITERAL if name == right.name else PREFIXED
    kind, operation = RESOURCES[right.resource], OPERATIONS[right.operation]
    return CreateAclsRequest(kind, name, pattern, principal, "*", operation, ALLOW)
