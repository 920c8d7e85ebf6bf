"""Logs of every process: JSON lines on stderr, nothing per event above DEBUG."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from pythonjsonlogger.json import JsonFormatter

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

# Their loggers speak per fetch and per heartbeat; at DEBUG they cost 12 % of a worker.
QUIET = ("aiokafka", "asyncio", "faust", "mode", "uvicorn.access")
SAID_ELSEWHERE = (
    'Unable connect to "%s:%s": %s',
    "Sending username and password in the clear",
)


class LogSettings(BaseSettings):
    """How much the processes say."""

    model_config = SettingsConfigDict(env_prefix="BTRACKER_", frozen=True, extra="ignore")

    log_level: Level = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")


@contextmanager
def logs_to(stream: IO[str], settings: LogSettings) -> Iterator[None]:
    """Let all loggers of this process write JSON lines to *stream*, for as long as this lasts."""
    root, handler = logging.getLogger(), logging.StreamHandler(stream)
    handler.setFormatter(
        JsonFormatter(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
        )
    )
    handler.addFilter(_is_news)
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        yield
    finally:
        root.removeHandler(handler)


def _is_news(record: logging.LogRecord) -> bool:
    """Return False for what the Kafka client logs at every attempt, and we say once.

    A Kafka that has just started has no coordinators of groups yet; the client asks again.
    """
    if record.msg == "Group Coordinator Request failed: %s" and record.levelno == logging.ERROR:
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return not (record.name == "aiokafka" and record.msg in SAID_ELSEWHERE)
