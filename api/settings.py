"""The settings of the API process, read from ``BTRACKER_…``."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

OptionalPath = Annotated[Path | None, BeforeValidator(lambda given: given or None)]
"""A variable that is set to nothing is not set."""


class ApiSettings(BaseSettings):
    """What one API process is told; every field has a default that fits a laptop."""

    model_config = SettingsConfigDict(env_prefix="BTRACKER_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port the API listens on; 0 takes any.")
    data: Path = Field(
        Path("data"), description="Folder for what the API keeps: cursor key, API keys, audit log."
    )
    dashboard: OptionalPath = Field(
        None, description="Folder of the built dashboard. None: the one within the package."
    )
    store: str = Field(
        "sqlite:///data/store.sqlite", description="The store that queries are answered from."
    )
    store_vectors: int = Field(
        200_000,
        ge=1,
        description="Newest vectors of tokens, and of posts, that an embedded store is searched "
        "for what is similar; 1.5 KB of memory each, once that is asked for.",
    )
    redis: str = Field(
        "redis://127.0.0.1:6379/0", description="The cache that carries the live feed."
    )
    partitions: int = Field(
        4, ge=1, description="Partitions of the deployment; progress counts when all have spoken."
    )
    board_size: int = Field(100, ge=1, le=1000, description="Tokens on a live board.")
    public_address: str | None = Field(
        None, description="Address that clients use, as https://host; none where it is the same."
    )
    cors_origins: tuple[str, ...] = Field(
        (), description="Origins whose pages may read the API, as a JSON list; * for any."
    )
    cursor_key: SecretStr | None = Field(
        None,
        min_length=16,
        description="Secret that signs cursors; the same on every replica. None: one per DATA.",
    )
    keys: OptionalPath = Field(
        None, description="File of API keys, the same on every replica. None: DATA/keys.json."
    )
    signing_keys: OptionalPath = Field(
        None, description="Folder of keys that sign tokens, KID.pem. None: DATA/signing."
    )
    audit: OptionalPath = Field(
        None, description="File that the audit log is appended to. None: DATA/audit.jsonl."
    )
    token_ttl_s: int = Field(
        300, ge=10, le=3600, description="How long a token is good, unless less is asked for."
    )
    anonymous_scopes: tuple[str, ...] = Field(
        ("read", "stream"),
        description="What callers without a key may do, as a JSON list; [] lets nobody in.",
    )
    anonymous_connections: int = Field(
        50, ge=1, description="Live connections per process and remote address without a key."
    )
    trust_loopback: bool = Field(
        True,
        description="Whether callers without a key on this machine may do everything, unlimited.",
    )
    proxies: tuple[str, ...] = Field(
        (),
        description="Networks of proxies whose X-Forwarded-For is believed, as a JSON list; "
        "loopback always is.",
    )
    rate_limit_per_minute: int = Field(
        300, ge=1, description="Requests a minute per remote address without a key."
    )
    rate_limit_burst: int = Field(
        60, ge=1, description="Requests at once per remote address without a key."
    )
    rate_limit_addresses: int = Field(
        100_000, ge=1, description="Callers remembered at the same time for their limits."
    )
    limits_sync_ms: int = Field(
        200, ge=10, description="How often replicas tell each other, in Redis, what was charged."
    )
    tls_cert: OptionalPath = Field(
        None, description="Certificate chain in PEM; with it the API speaks HTTPS only."
    )
    tls_key: OptionalPath = Field(None, description="Private key of the certificate in PEM.")
    pictures: bool = Field(
        False,
        description="Whether pictures of tokens are fetched for browsers, which then need not ask "
        "hosts that nobody vouches for: /v1/tokens/{mint}/image.",
    )
    pictures_mib: int = Field(64, ge=1, description="Memory for pictures, in MiB.")
    body_max_bytes: int = Field(65_536, ge=1024, description="Largest request body.")
    query_max_bytes: int = Field(4096, ge=256, description="Longest query string.")
    hot_tokens: int = Field(
        2000,
        ge=0,
        description="Tokens asked for often that are kept in memory, live.",
    )
    graphql_depth_max: int = Field(8, ge=1, description="Deepest nesting of a GraphQL query.")
    graphql_cost_max: int = Field(
        30_000,
        ge=1,
        description="Dearest GraphQL query: 50 for each read, 1 for each row and each value.",
    )
    graphql_fields_max: int = Field(
        400, ge=1, description="Fields of a GraphQL query, written out and with its fragments."
    )
    hot_token_ms: int = Field(
        200, ge=0, description="How long a token's answer is kept while there is no live feed."
    )
    head_ms: int = Field(250, ge=10, description="How old the chain head in headers may be.")
    ws_connections: int = Field(8000, ge=1, description="WebSocket connections per process.")
    ws_subscriptions: int = Field(200, ge=1, description="Subscriptions per connection.")
    ws_messages_per_s: int = Field(
        50, ge=1, description="Messages a second that one connection may send, on average."
    )
    ws_message_max_bytes: int = Field(4096, ge=256, description="Longest message of a client.")
    ws_queue_messages: int = Field(
        256, ge=1, description="Messages kept per subscription for a client that reads slowly."
    )
    ws_stall_s: float = Field(
        10.0, gt=0, description="A client that reads nothing for so long is closed with 4408."
    )
    ws_reconnect_ms: int = Field(
        1000, ge=0, description="When clients should come back after a restart, at the earliest."
    )
    ws_auth_s: float = Field(
        10.0, gt=0, description="A client that may follow nothing has so long to show a token."
    )

    @model_validator(mode="after")
    def whole(self) -> Self:
        """Return the settings.

        Raises:
            ValueError: a certificate without its key, or a key without its certificate.
        """
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("BTRACKER_TLS_CERT and BTRACKER_TLS_KEY are set together or not")
        return self

    @property
    def key_file(self) -> Path:
        """Where the API keys are."""
        return self.keys or self.data / "keys.json"

    @property
    def signing_folder(self) -> Path:
        """Where the keys that sign tokens are."""
        return self.signing_keys or self.data / "signing"

    @property
    def audit_file(self) -> Path:
        """Where the audit log is."""
        return self.audit or self.data / "audit.jsonl"
