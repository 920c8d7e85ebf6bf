"""How Kafka is reached: where it is, over what, as whom; and the settings that say so."""

import re
import ssl
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import msgspec
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from schemas.settings import BESIDE_SECRETS

Mechanism = Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]

_SERVER = re.compile(r"(\[[^\]\s]+\]|[^:/,\s]+):\d{1,5}")


class Login(msgspec.Struct, frozen=True):
    """Who we are to Kafka (SASL)."""

    mechanism: Mechanism
    user: str
    password: SecretStr


class Kafka(msgspec.Struct, frozen=True):
    """A Kafka: ``servers`` as HOST:PORT, several divided by commas; shown as these alone."""

    servers: str
    tls: ssl.SSLContext | None = None
    login: Login | None = None

    def __str__(self) -> str:
        return self.servers

    @property
    def options(self) -> dict[str, Any]:
        """What every client of aiokafka is told."""
        return {"bootstrap_servers": self.servers, **self.security}

    @property
    def security(self) -> dict[str, Any]:
        """That part of it which holds for every connection."""
        protocol = ("SASL_" if self.login else "") + ("SSL" if self.tls else "PLAINTEXT")
        options: dict[str, Any] = {"security_protocol": protocol, "ssl_context": self.tls}
        if self.login:
            options |= {
                "sasl_mechanism": self.login.mechanism,
                "sasl_plain_username": self.login.user,
                "sasl_plain_password": self.login.password.get_secret_value(),
            }
        return options


class Hasty(ssl.SSLObject):
    """One end of TLS that takes leave of the other without waiting for its answer.

    A Kafka that finds our leave right behind a request does not see it, so its answer never
    comes; event loops would wait for it for 30 s.
    """

    def unwrap(self) -> None:
        """Say that nothing more comes; what we have said before is sent."""
        with suppress(ssl.SSLWantReadError):
            super().unwrap()


class KafkaSettings(BaseSettings):
    """How a process reaches Kafka."""

    model_config = BESIDE_SECRETS

    kafka: str = Field(
        default="127.0.0.1:9092", description="Kafka, as HOST:PORT; several divided by commas."
    )
    kafka_tls: bool = Field(default=False, description="Reach Kafka over TLS.")
    kafka_ca: Path | None = Field(
        default=None,
        description="File with who may sign Kafka's certificate (PEM). Empty: whom the system "
        "trusts.",
    )
    kafka_certificate: Path | None = Field(
        default=None, description="File with our certificate, where Kafka asks for one (PEM)."
    )
    kafka_key: Path | None = Field(
        default=None,
        description="File with the key of our certificate (PEM, not encrypted). Empty: it is in "
        "the same file.",
    )
    kafka_sasl: Mechanism | None = Field(
        default=None,
        description="How we log in to Kafka: SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN. Empty: not.",
    )
    kafka_user: str | None = Field(default=None, description="The user that logs in to Kafka.")
    kafka_password: SecretStr | None = Field(default=None, description="That user's password.")
    kafka_password_file: Path | None = Field(
        default=None, description="File with that password, instead of the password itself."
    )

    @field_validator("kafka")
    @classmethod
    def _is_servers(cls, value: str) -> str:
        servers = [one.strip() for one in value.split(",")]
        if not all(_SERVER.fullmatch(one) for one in servers):
            raise ValueError("write HOST:PORT, several divided by commas")
        return ",".join(servers)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        _refuse_useless(self)
        _ = self.cluster
        return self

    @cached_property
    def cluster(self) -> Kafka:
        """The Kafka that these settings describe."""
        return Kafka(self.kafka, tls=_tls(self), login=_login(self))


def _refuse_useless(settings: KafkaSettings) -> None:
    """Refuse what would be ignored: whoever set it takes it to hold."""
    needs = (
        ("ca", "tls"), ("certificate", "tls"), ("key", "certificate"),
        ("user", "sasl"), ("password", "sasl"), ("password_file", "sasl"), ("sasl", "user"),
    )  # fmt: skip
    given = {
        name.removeprefix("kafka_")
        for name in KafkaSettings.model_fields
        if getattr(settings, name)
    }
    for name, needed in needs:
        if name in given and needed not in given:
            raise ValueError(f"{_variable(name)} is set, so {_variable(needed)} must be, too")
    if "sasl" in given and len(given & {"password", "password_file"}) != 1:
        raise ValueError(
            f"{_variable('sasl')} is set, so one of {_variable('password')} and "
            f"{_variable('password_file')} must be, too"
        )


def _variable(name: str) -> str:
    return f"BTRACKER_KAFKA_{name.upper()}"


def _tls(settings: KafkaSettings) -> ssl.SSLContext | None:
    if not settings.kafka_tls:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca)
    except OSError as error:
        raise ValueError(_unreadable("ca", settings.kafka_ca, error)) from error
    context.sslobject_class = Hasty
    if settings.kafka_certificate:
        try:
            context.load_cert_chain(settings.kafka_certificate, settings.kafka_key, _no_password)
        except OSError as error:
            both = f"{settings.kafka_certificate} (and key {settings.kafka_key})"
            raise ValueError(_unreadable("certificate", both, error)) from error
    return context


def _no_password() -> str:
    """Answer OpenSSL, which would ask the terminal for the password of an encrypted key."""
    return ""


def _login(settings: KafkaSettings) -> Login | None:
    if settings.kafka_sasl is None or settings.kafka_user is None:
        return None
    password = settings.kafka_password
    if settings.kafka_password_file:
        try:
            password = SecretStr(settings.kafka_password_file.read_text("utf-8").rstrip("\r\n"))
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(
                _unreadable("password_file", settings.kafka_password_file, error)
            ) from error
    return Login(settings.kafka_sasl, settings.kafka_user, password or SecretStr(""))


def _unreadable(name: str, path: object, error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, ssl.SSLError):
        why = error.reason.replace("_", " ").lower() if error.reason else "not PEM"
    else:
        why = str(error.strerror) if isinstance(error, OSError) else "not UTF-8"
    return f"{_variable(name)}: {path} cannot be used ({why})"
