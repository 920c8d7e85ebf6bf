"""TLS: what the API shows its clients, and which of them it talks to."""

import ssl

from api.settings import ApiSettings
from domain.errors import UsageError


def tls_context(settings: ApiSettings) -> ssl.SSLContext | None:
    """Return the context of a server with the settings' certificate, None where there is none.

    TLS 1.2 and 1.3 are spoken, with forward secrecy; HTTP/1.1 is agreed on.

    Raises:
        UsageError: certificate and key cannot be read, or do not belong together.
    """
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.set_alpn_protocols(["http/1.1"])
    # Without a password nobody is asked for one at the terminal.
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password="")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"The certificate {settings.tls_cert} and its key cannot be used ({error}); see "
            "BTRACKER_TLS_CERT and BTRACKER_TLS_KEY: both in PEM, the key without a password."
        ) from error
    return context
