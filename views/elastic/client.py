"""The one way to an Elasticsearch: bytes there and back, and one error while it cannot answer."""

import logging
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch, JsonSerializer, UnsupportedProductError

from domain.errors import StoreError, UsageError
from views import metrics
from views.elastic.address import Address

READ_S = 5.0
WRITE_S = 30.0
CONNECTIONS = 10
TOO_BUSY, FAULT = 429, 500
NOT_LET_IN = (401, 403)
_JSON = "application/json"
_LINES = "application/x-ndjson"


# It says each request at INFO, and each that failed, which is told by whoever asked.
logging.getLogger("elastic_transport").setLevel(logging.ERROR)


class Bytes(JsonSerializer):
    """Leaves answers as they are, so that a document comes as it was put."""

    def loads(self, data: bytes) -> bytes:
        """Return an answer."""
        return data

    def dumps(self, data: Any) -> bytes:
        """Return what is asked; bytes are JSON already."""
        return data if isinstance(data, bytes) else msgspec.json.encode(data)


class Elastic:
    """A connection to one cluster."""

    def __init__(self, address: Address) -> None:
        self.host = address.host
        login = (address.user, address.password) if address.user else None
        key = address.password if address.password and not address.user else None
        self._client = AsyncElasticsearch(
            address.host,
            basic_auth=login,
            api_key=key,
            serializers={_JSON: Bytes(), "application/vnd.elasticsearch+json": Bytes()},
            connections_per_node=CONNECTIONS,
            max_retries=0,
            # Whom the system trusts, or SSL_CERT_FILE names: not a list that comes with a library.
            ssl_context=ssl.create_default_context() if address.host[:5] == "https" else None,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        missing: bytes | None = None,
        within_s: float = READ_S,
        **params: str | int,
    ) -> bytes:
        """Return what is answered; *missing* is the answer where there is no such thing.

        Raises:
            StoreError: it does not answer, has too much to do, or does not let us in.
            ApiError: what we ask makes no sense to it.
        """
        kind = _LINES if isinstance(body, bytes) else _JSON
        headers: Mapping[str, str] = {"accept": _JSON, "content-type": kind} if body else {
            "accept": _JSON
        }  # fmt: skip
        try:
            answer = await self._client.options(request_timeout=within_s).perform_request(
                method, path, params=params, headers=headers, body=body
            )
        except TransportError as error:
            metrics.STORE_DOWN.set(1)
            raise StoreError(f"{self.host} does not answer ({type(error).__name__}).") from error
        except UnsupportedProductError as error:
            raise UsageError(f"What answers at {self.host} is no Elasticsearch.") from error
        except ApiError as error:
            if error.meta.status == 404 and missing is not None:
                return missing
            raise self._told(error) from error
        metrics.STORE_DOWN.set(0)
        found: bytes = answer.body
        return found

    def _told(self, error: ApiError) -> Exception:
        """Return what an error of the server means to us."""
        # A fault of its own says nothing of what was asked: a record must not pay for it.
        if may_come_right(error.meta.status):
            return StoreError(f"{self.host} cannot answer just now ({error.meta.status}).")
        if error.meta.status in NOT_LET_IN:
            return StoreError(f"{self.host} does not let us do that ({error.meta.status}).")
        return error


def may_come_right(status: int) -> bool:
    """Whether a status says nothing of what was asked: too much to do, or a fault of its own."""
    return status == TOO_BUSY or status >= FAULT


def name(text: str) -> str:
    """Return a name as it stands in a path."""
    return quote(text, safe=",*-_.")
