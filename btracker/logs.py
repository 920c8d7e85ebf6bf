"""Logs of every process: JSON lines on stderr, nothing per event above DEBUG."""

import logging
import sys
from typing import IO, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from pythonjsonlogger.json import JsonFormatter

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

# Their loggers speak per fetch and per heartbeat; at DEBUG they cost 12 % of a worker.
QUIET = ("aiokafka", "asyncio", "faust", "mode", "uvicorn.access")


class LogSettings(BaseSettings):
    """How much the processes say."""

    model_config = SettingsConfigDict(env_prefix="BTRACKER_", frozen=True, extra="ignore")

    log_level: Level = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")


def set_up_logs(settings: LogSettings, stream: IO[str] = sys.stderr) -> None:
    """Let all loggers of this process write JSON lines to *stream*."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        JsonFormatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            datefmt="%Y-%m-%dT%H:%M:%S%z",
        )
    )
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
