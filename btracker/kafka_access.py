"""The Kafka that a command is for, and why it does not let us in: its clients do not say that."""

import asyncio
import logging
import ssl
from pathlib import Path
from typing import Any, Final

from aiokafka.conn import create_conn
from aiokafka.errors import (
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from btracker.run_folder import RunFolder
from btracker.settings import load
from domain.errors import BtrackerError, UsageError
from schemas.kafka import Kafka, KafkaSettings
from streams.refusals import silent

ANSWER_S: Final = 5.0
UNSECURED: Final = {
    name: field.default for name, field in KafkaSettings.model_fields.items() if name != "kafka"
}
"""What an embedded broker is reached with, whatever the environment says of another Kafka."""

log = logging.getLogger(__name__)


def named(address: str | None, data: Path) -> dict[str, Any]:
    """Return the settings that name a Kafka: at *address*, else that of the ``up`` on *data*.

    Raises:
        UsageError: there is neither.
    """
    if address:
        return {"kafka": address}
    running = RunFolder(data).addresses()
    return {"kafka": running.kafka, **(UNSECURED if running.embedded else {})}


def kafka_for(address: str | None, data: Path) -> Kafka:
    """Return the Kafka at *address*, else that of the ``up`` on *data*, if it lets us in.

    Raises:
        UsageError: there is neither, or it does not know us.
        BtrackerError: it does not answer, or hangs up on us.
    """
    return entered(load(KafkaSettings, **named(address, data)).cluster)


def other_kafka(address: str | None) -> Kafka | None:
    """Return the Kafka at *address*, None if none is named: the embedded one is to be used."""
    return load(KafkaSettings, kafka=address).cluster if address else None


def entered(kafka: Kafka) -> Kafka:
    """Return *kafka* unless it is not there, or does not let us in.

    Raises:
        UsageError: its certificate is not to be trusted, or it does not know us.
        BtrackerError: it does not answer, or hangs up on us.
    """
    asyncio.run(enter(kafka))
    return kafka


async def enter(kafka: Kafka) -> None:
    """Do what ``entered`` does."""
    if not await is_entered(kafka):
        raise silent(kafka)


async def is_entered(kafka: Kafka) -> bool:
    """Return whether one of its servers lets us in, False if none answers.

    Raises:
        UsageError: its certificate is not to be trusted, or it does not know us.
        BtrackerError: it hangs up on us.
    """
    if kafka.login and not kafka.tls:
        log.warning(
            "Whoever is on the way to the Kafka at %s can read all that we say; set "
            "BTRACKER_KAFKA_TLS.", kafka,
        )  # fmt: skip
    for server in kafka.servers.split(","):
        if await _is_entered(kafka, server):
            return True
    return False


async def _is_entered(kafka: Kafka, server: str) -> bool:
    """Return whether we are let in, False where nobody answers."""
    host, _, port = server.rpartition(":")
    try:
        connection = await create_conn(
            host.strip("[]"), int(port), request_timeout_ms=int(ANSWER_S * 1000), **kafka.security
        )
    except ssl.SSLCertVerificationError as error:
        raise UsageError(
            f"The certificate of the Kafka at {server} is not to be trusted "
            f"({error.verify_message}); name who signed it with BTRACKER_KAFKA_CA."
        ) from error
    except SaslAuthenticationFailed as error:
        raise UsageError(
            f"The Kafka at {server} knows no user {_user(kafka)} with this password; see "
            "BTRACKER_KAFKA_USER, _PASSWORD and _SASL."
        ) from error
    except UnsupportedSaslMechanismError as error:
        raise UsageError(
            f"The Kafka at {server} offers another login than "
            f"{kafka.security['sasl_mechanism']}; set BTRACKER_KAFKA_SASL."
        ) from error
    except (ssl.SSLError, ConnectionResetError, KafkaError) as error:
        raise BtrackerError(
            f"The Kafka at {server} hangs up on us; does it want another BTRACKER_KAFKA_TLS, "
            "_CERTIFICATE or _SASL?"
        ) from error
    except OSError:
        return False
    await asyncio.wait([connection.close()], timeout=ANSWER_S)
    return True


def _user(kafka: Kafka) -> str:
    return kafka.login.user if kafka.login else ""
