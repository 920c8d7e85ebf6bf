"""What a Kafka asks of its clients in tests: TLS, a login, rights; and the papers to go with it."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


class Papers(NamedTuple):
    """Certificates of one authority: its own, the server's, and one of ours."""

    ca: Path
    server: Path
    client: Path


class Guard(NamedTuple):
    """Two doors: ``SASL_SSL`` for *users* (name: password), ``MUTUAL`` for our certificate."""

    papers: Papers
    users: Mapping[str, str]

    @property
    def credentials(self) -> list[str]:
        """The logins as ``StorageTool format`` takes them."""
        return [
            f"SCRAM-SHA-512=[name={name},password={password}]"
            for name, password in self.users.items()
        ]

    @property
    def properties(self) -> dict[str, object]:
        """The server's settings. Whoever comes through its own door may do all."""
        return {
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": SCRAM,
            "listener.name.mutual.ssl.client.auth": "required",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.papers.server,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.papers.ca,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
        }


def make_papers(folder: Path) -> Papers:
    """Make an authority with a certificate for 127.0.0.1 and one for the client ``btracker``."""
    folder.mkdir(parents=True)
    ca = folder / "ca.pem"
    _openssl("req", "-x509", *_new_key(folder / "ca.key"), "-subj", "/CN=tests", "-out", ca)
    server = _signed(folder, "server", "subjectAltName=IP:127.0.0.1")
    client = _signed(folder, "btracker", "extendedKeyUsage=clientAuth")
    return Papers(ca, server, client)


def _signed(folder: Path, name: str, extension: str) -> Path:
    """Return a file with a key and its certificate."""
    key, path = folder / f"{name}.key", folder / f"{name}.pem"
    _openssl(
        "req", "-x509", *_new_key(key), "-subj", f"/CN={name}", "-out", path,
        "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-addext", extension,
    )  # fmt: skip
    path.write_text(key.read_text() + path.read_text() + (folder / "ca.pem").read_text())
    return path


def _new_key(path: Path) -> tuple[object, ...]:
    return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path)


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
