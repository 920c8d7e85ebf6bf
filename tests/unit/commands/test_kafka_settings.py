"""How Kafka is reached: what the environment says of it, what makes no sense, what stays hidden."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from btracker.deployment import environment
from btracker.kafka_access import entered
from btracker.run_folder import Addresses
from btracker.settings import load
from domain.errors import BtrackerError, UsageError
from schemas.kafka import KafkaSettings
from streams.settings import StreamSettings
from tests.kafka.guard import Papers, make_papers
from tests.ports import free_port
from tests.unit.commands.test_cli import outcome
from tests.unit.commands.test_data_folder import NAMED

LOGIN = {"sasl": "SCRAM-SHA-512", "user": "ann", "password": "horse"}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Give an authority and certificates."""
    return make_papers(tmp_path_factory.mktemp("papers") / "of-tests")


def say(monkeypatch: pytest.MonkeyPatch, said: Mapping[str, object]) -> None:
    """Put what is said of Kafka into the environment."""
    for name, value in said.items():
        monkeypatch.setenv(f"BTRACKER_KAFKA_{name.upper()}", str(value))


def test_nothing_said_is_a_plain_connection() -> None:
    """A server, and nothing else, is what a client is told."""
    options = load(KafkaSettings, kafka="h:1").cluster.options

    assert {
        "bootstrap_servers": "h:1", "security_protocol": "PLAINTEXT", "ssl_context": None,
    } == options  # fmt: skip


@pytest.mark.parametrize(
    ("tls", "login", "protocol"),
    [
        (False, {}, "PLAINTEXT"),
        (True, {}, "SSL"),
        (False, LOGIN, "SASL_PLAINTEXT"),
        (True, LOGIN, "SASL_SSL"),
    ],
)
def test_tls_and_login_go_together_or_alone(tls: bool, login, protocol: str, monkeypatch) -> None:
    """The four names that Kafka has for it."""
    say(monkeypatch, {"tls": tls, **login})

    assert protocol == load(KafkaSettings).cluster.security["security_protocol"]


@pytest.mark.parametrize("password", ["horse", "horse\n", "horse\r\n"])
def test_a_password_may_lie_in_a_file(password: str, monkeypatch, tmp_path: Path) -> None:
    """The end of its line is no part of it."""
    (tmp_path / "password").write_bytes(password.encode())
    say(monkeypatch, {**LOGIN, "password": "", "password_file": tmp_path / "password"})

    assert "horse" == load(KafkaSettings).cluster.options["sasl_plain_password"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"user": "ann"}, "BTRACKER_KAFKA_USER is set, so BTRACKER_KAFKA_SASL must be, too"),
        ({"password": "horse"}, "BTRACKER_KAFKA_PASSWORD is set, so BTRACKER_KAFKA_SASL must be"),
        ({"sasl": "PLAIN"}, "BTRACKER_KAFKA_SASL is set, so BTRACKER_KAFKA_USER must be, too"),
        ({**LOGIN, "password": ""}, "one of BTRACKER_KAFKA_PASSWORD and BTRACKER_KAFKA_PASSWORD_"),
        ({**LOGIN, "password_file": "f"}, "one of BTRACKER_KAFKA_PASSWORD and BTRACKER_KAFKA_PASS"),
        ({**LOGIN, "sasl": "GSSAPI"}, "BTRACKER_KAFKA_SASL: Input should be 'SCRAM-SHA-512', "),
        ({"ca": "ca.pem"}, "BTRACKER_KAFKA_CA is set, so BTRACKER_KAFKA_TLS must be, too"),
        ({"certificate": "c.pem"}, "BTRACKER_KAFKA_CERTIFICATE is set, so BTRACKER_KAFKA_TLS must"),
        ({"tls": 1, "key": "k.pem"}, "_KAFKA_KEY is set, so BTRACKER_KAFKA_CERTIFICATE must"),
        ({"tls": 1, "ca": "no.pem"}, "BTRACKER_KAFKA_CA: no.pem cannot be used (No such file"),
        ({"tls": 1, "ca": __file__}, "cannot be used (no certificate or crl found)"),
        ({"tls": 1, "certificate": "no.pem"}, "BTRACKER_KAFKA_CERTIFICATE: no.pem"),
        ({**LOGIN, "password": "", "password_file": "no"}, "BTRACKER_KAFKA_PASSWORD_FILE: no can"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_one_sentence(said, sentence: str, monkeypatch) -> None:
    """Each names the variable, and none the password."""
    say(monkeypatch, said)
    with pytest.raises(UsageError) as refused:
        load(KafkaSettings)

    assert sentence in str(refused.value)
    assert "horse" not in f"{refused.value} {refused.value.__cause__}"


@pytest.mark.parametrize("servers", ["h", "h:", "h:x", ":1", "h:1,", "h:1;h:2", "kafka://h:1", " "])
def test_servers_are_hosts_and_ports(servers: str) -> None:
    """Anything else is refused, with the form that it should have."""
    with pytest.raises(UsageError, match=r"BTRACKER_KAFKA: write HOST:PORT, several divided"):
        load(KafkaSettings, kafka=servers)


@pytest.mark.parametrize(
    ("said", "servers"),
    [("h:1", "h:1"), ("a:1, b-c.d:65535", "a:1,b-c.d:65535"), ("[::1]:9092", "[::1]:9092")],
)
def test_there_may_be_several_servers(said: str, servers: str) -> None:
    """Names, IPv4 and IPv6."""
    assert servers == str(load(KafkaSettings, kafka=said).cluster)


def test_certificates_are_read_before_anything_starts(papers: Papers, monkeypatch) -> None:
    """Key and certificate from one file or two; a key that belongs to another is refused."""
    say(monkeypatch, {"tls": 1, "ca": papers.ca, "certificate": papers.client})
    assert load(KafkaSettings).cluster.tls

    say(monkeypatch, {"key": papers.client.with_suffix(".key")})
    assert load(KafkaSettings).cluster.tls

    say(monkeypatch, {"key": papers.server})
    with pytest.raises(UsageError, match=r"BTRACKER_KAFKA_CERTIFICATE: .* mismatch"):
        load(KafkaSettings)


def test_the_password_is_shown_nowhere(monkeypatch, capsys) -> None:
    """Not by ``btracker config``, not by what Kafka is called, not in a traceback's values."""
    say(monkeypatch, LOGIN)
    code, out, _ = outcome(capsys, "config")
    settings = load(KafkaSettings)

    assert 0 == code
    assert "* BTRACKER_KAFKA_PASSWORD=(hidden)" in out
    assert "* BTRACKER_KAFKA_USER=ann" in out
    assert "horse" not in f"{out} {settings!r} {settings.cluster} {settings.cluster!r}"


@pytest.mark.parametrize(("tls", "warnings"), [(False, 1), (True, 0)])
def test_a_login_that_others_can_read_is_warned_of(
    tls: bool, warnings: int, monkeypatch, caplog
) -> None:
    """It works without TLS; once, and without the password."""
    say(monkeypatch, {"tls": tls, **LOGIN})
    with pytest.raises(BtrackerError, match="No Kafka answers"):
        entered(load(KafkaSettings, kafka=f"127.0.0.1:{free_port()}").cluster)

    assert warnings == len(caplog.messages)
    assert all("BTRACKER_KAFKA_TLS" in said and "horse" not in said for said in caplog.messages)


def test_the_embedded_broker_is_reached_plainly(monkeypatch) -> None:
    """What the environment says of another Kafka holds for that one alone."""
    say(monkeypatch, {"tls": "true", **LOGIN})
    told = {
        embedded: environment(NAMED, Addresses("h:1", "s", "r", "a", embedded=embedded))
        for embedded in (True, False)
    }
    for name, value in told[True].items():
        monkeypatch.setenv(name, value)

    assert "PLAINTEXT" == load(KafkaSettings).cluster.security["security_protocol"]
    assert {"BTRACKER_KAFKA"} == {name for name in told[False] if "KAFKA" in name}


@pytest.mark.parametrize(
    ("name", "value"), [("REQUEST_TIMEOUT_S", "5"), ("HEARTBEAT_INTERVAL_S", "6")]
)
def test_times_of_a_worker_that_do_not_fit_are_refused(name: str, value: str, monkeypatch) -> None:
    """Kafka's client would refuse them too, with a traceback in the middle of the start."""
    monkeypatch.setenv(f"BTRACKER_{name}", value)

    with pytest.raises(UsageError, match=f"BTRACKER_{name}"):
        load(StreamSettings)
