"""What a Kafka asks of its clients in tests: TLS, a login, rights; and the papers to go with it."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

SCRIPT = Path(__file__).parents[2] / "docker" / "make-certificates.sh"
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
    """Make an authority with a certificate for 127.0.0.1, and one for the client ``btracker``."""
    subprocess.run(["sh", SCRIPT, folder, "127.0.0.1"], check=True, capture_output=True)
    ca, key, client = folder / "ca.pem", folder / "btracker.key", folder / "btracker.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-CA", ca, "-CAkey", folder / "ca.key",
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
            "-subj", "/CN=btracker", "-addext", "extendedKeyUsage=clientAuth", "-out", client,
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    client.write_text(key.read_text() + client.read_text() + ca.read_text())
    return Papers(ca, folder / "kafka.pem", client)
