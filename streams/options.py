"""What Faust is told: how to reach Kafka, how to behave there, what of it is ours."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final, cast

import faust
from faust.auth import SASLCredentials, SSLCredentials
from faust.types.enums import ProcessingGuarantee

from domain.errors import UsageError
from schemas.kafka import Kafka
from streams.recovery import OwnTableManager
from streams.settings import StreamSettings
from streams.table import RowTable
from streams.transport import ChunkTopic

METADATA_MAX_AGE_MS: Final = 5_000
"""A Kafka that has just started may say that there are no topics. Whoever hands out partitions then
hands out none, and all stand still until they ask again: by default, five minutes."""


def options(settings: StreamSettings) -> dict[str, Any]:
    """Return Faust's options for *settings*."""
    return {
        **reach(settings.cluster),
        "store": "memory://",
        "processing_guarantee": "at_least_once",
        "autodiscover": [_module(name) for name in settings.agents or everyday()],
        "Topic": ChunkTopic,
        "Table": RowTable,
        "TableManager": OwnTableManager,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
        "worker_redirect_stdouts": False,
        "consumer_auto_offset_reset": "earliest",
        "consumer_metadata_max_age_ms": METADATA_MAX_AGE_MS,
        "broker_session_timeout": settings.session_timeout_s,
        "broker_rebalance_timeout": settings.rebalance_timeout_s,
        "broker_heartbeat_interval": settings.heartbeat_interval_s,
        "broker_request_timeout": settings.request_timeout_s,
        "broker_commit_interval": 1.0,
        # A poll of 4,000 records is four full chunks: fewer, and the hop to the consumer's
        # thread shows; more, and one partition holds the others up.
        "broker_max_poll_records": 4_000,
        # Chunks that wait for their agent. With 64 the queue alone made latency.
        "stream_buffer_maxsize": 16,
        "stream_wait_empty": True,
        "stream_recovery_delay": 0.0,
        "table_standby_replicas": settings.standby_replicas,
    }


APART: Final = frozenset({"read_projects"})
"""Agents that run only where they are named: what they load is large, and they are slow."""


def everyday() -> list[str]:
    """Return the agents that run where none are named."""
    found = iter_modules(import_module("agents").__path__)
    return sorted(module.name for module in found if module.name not in APART)


def reach(kafka: Kafka) -> dict[str, Any]:
    """Return what Faust is told of where Kafka is and who we are there."""
    credentials: SASLCredentials | SSLCredentials | None = None
    if kafka.login:
        credentials = SASLCredentials(
            mechanism=kafka.login.mechanism,
            username=kafka.login.user,
            password=kafka.login.password.get_secret_value(),
            ssl_context=kafka.tls,
        )
    elif kafka.tls:
        credentials = SSLCredentials(kafka.tls)
    servers = ";".join(f"kafka://{server}" for server in kafka.servers.split(","))
    return {"broker": servers, "broker_credentials": credentials}


def _module(agent: str) -> str:
    """Return the module of *agent*; a name with a dot is a module already."""
    return agent if "." in agent else f"agents.{agent}"


def refuse_unsafe(river: faust.App) -> None:
    """Refuse what would acknowledge records that were not processed.

    Raises:
        UsageError: the processing guarantee is another, or an agent runs more than once.
    """
    # Not river.in_transaction: it remembers its first answer, and is false before a worker starts.
    guarantee = cast("ProcessingGuarantee", river.conf.processing_guarantee)
    if guarantee is not ProcessingGuarantee.AT_LEAST_ONCE:
        raise UsageError("only processing_guarantee=at_least_once is safe here")
    sources = [agent.channel.get_topic_name() for agent in river.agents.values()]
    for agent in river.agents.values():
        if agent.concurrency != 1:
            raise UsageError(f"{agent.name} must run with concurrency=1")
        if sources.count(agent.channel.get_topic_name()) > 1:
            raise UsageError(f"{agent.name} is not the only agent of its topic")
