"""TLS and foreign pages, over a real server: who can talk to it, and what a browser is told."""

import ssl
import warnings
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from api.settings import ApiSettings
from api.tls import tls_context
from btracker.settings import load
from domain.errors import UsageError
from tests.contract.api.door import bearer, door, give_key
from tests.contract.api.test_api_live import M, running

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "btracker.test")])


def make_certificate(
    folder: Path, encryption: KeySerializationEncryption | None = None
) -> tuple[Path, Path]:
    """Return the files of a new certificate for 127.0.0.1 and of its key."""
    folder.mkdir(parents=True, exist_ok=True)
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(NAME, NAME, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    )
    return certificate, private


@pytest.mark.slow
async def test_everything_goes_over_tls(tmp_path: Path) -> None:
    """REST and the WebSocket are served with the certificate, and pages are told to keep to it."""
    certificate, key = make_certificate(tmp_path / "tls")
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with running(tmp_path, tls_cert=certificate, tls_key=key) as server:
        async with httpx.AsyncClient(verify=trusting) as http:
            answer = await http.get(f"https://127.0.0.1:{server.port}/healthz")
        async with server.client(ssl=trusting) as client:
            await client.subscribe("token", M)
            await client.next("snapshot")
            version = client.socket.transport.get_extra_info("ssl_object").version()

    assert (200, "TLSv1.3") == (answer.status_code, version)
    assert "max-age=31536000" == answer.headers["strict-transport-security"]


@pytest.mark.slow
async def test_nothing_goes_around_it(tmp_path: Path) -> None:
    """Plain HTTP, an old TLS, and a client that does not know the certificate get nothing."""
    certificate, key = make_certificate(tmp_path / "tls")
    # Both know the certificate, and would speak so if the server did.
    old = ssl.create_default_context(cafile=str(certificate))
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    weak = ssl.create_default_context(cafile=str(certificate))
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("ECDHE-ECDSA-AES128-SHA")
    async with running(tmp_path, tls_cert=certificate, tls_key=key) as server:
        for scheme, verify in (("http", True), ("https", True), ("https", old), ("https", weak)):
            async with httpx.AsyncClient(verify=verify) as http:
                with pytest.raises(httpx.TransportError):
                    await http.get(f"{scheme}://127.0.0.1:{server.port}/healthz")


def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A file that is not there, another's key, or one with a password is one sentence."""
    certificate, key = make_certificate(tmp_path / "a")
    _, other = make_certificate(tmp_path / "b")
    _, locked = make_certificate(tmp_path / "c", BestAvailableEncryption(b"secret"))
    for cert, private in (
        (tmp_path / "none", key), (certificate, other), (certificate, certificate),
        (certificate, locked),
    ):  # fmt: skip
        with pytest.raises(UsageError, match="BTRACKER_TLS_CERT"):
            tls_context(ApiSettings(tls_cert=cert, tls_key=private))


def test_one_of_the_two_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate without a key is refused, so that nobody serves plain HTTP by mistake."""
    monkeypatch.setenv("BTRACKER_TLS_CERT", "cert.pem")
    with pytest.raises(UsageError, match="together"):
        load(ApiSettings)


async def test_a_page_may_ask_with_its_token_and_read_refusals(tmp_path: Path) -> None:
    """A preflight allows our headers without credentials; a 401 and a 429 can be read as well."""
    origin = {"origin": "https://a.example"}
    preflight = {
        **origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, x-api-key, content-type, last-event-id",
    }
    limits = {"anonymous_scopes": (), "rate_limit_burst": 1, "rate_limit_per_minute": 1}
    async with door(tmp_path, cors_origins=("https://a.example",), **limits) as at:
        _, key = give_key(at.settings)
        allowed = await at.ask("/v1/auth/token", method="OPTIONS", headers=preflight)
        refused = [await at.ask(headers=origin) for _ in range(2)]
        good = await at.ask(headers={**origin, **bearer(key)})
        foreign = await at.ask(headers={**bearer(key), "origin": "https://b.example"})

    assert 200 == allowed.status_code
    assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
    assert [401, 429] == [answer.status_code for answer in refused]
    for answer in (allowed, *refused, good):
        assert "https://a.example" == answer.headers["access-control-allow-origin"]
    for name in ("RateLimit", "Retry-After", "WWW-Authenticate", "X-Request-Id"):
        assert name in good.headers["access-control-expose-headers"]
    # No cookie and no remembered password is ever a credential here.
    assert "access-control-allow-credentials" not in good.headers
    assert "access-control-allow-origin" not in foreign.headers
