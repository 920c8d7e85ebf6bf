"""What goes wrong: one tree.

BtrackerClientError
├── ProblemError   the API refused a request (RFC 9457)
└── ClosedError    the API closed the live stream for good
"""

import httpx
import msgspec

from btracker_client.models import ParameterError, ProblemDocument

MEDIA_TYPE = "application/problem+json"


class BtrackerClientError(Exception):
    """Anything that this package says is wrong."""


class ProblemError(BtrackerClientError):
    """A request that was refused; ``code`` is for programs, the text for people."""

    def __init__(self, document: ProblemDocument) -> None:
        super().__init__(f"{document.status} {document.code}: {document.detail}")
        self.document = document

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return self.document.status

    @property
    def code(self) -> str:
        """Return what it is, for programs; it never changes its meaning."""
        return self.document.code

    @property
    def request_id(self) -> str:
        """Return the name of the request in the logs of the API."""
        return self.document.request_id

    @property
    def errors(self) -> list[ParameterError]:
        """Return what is wrong with which parameter."""
        return self.document.errors or []


class ClosedError(BtrackerClientError):
    """The live stream was closed, and would be again: 4400 or 4401, with the reason given."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code, self.reason = code, reason


def problem_of(response: httpx.Response) -> ProblemError:
    """Return the problem that a response is, also where something before the API answered."""
    if response.headers.get("content-type", "").startswith(MEDIA_TYPE):
        return ProblemError(msgspec.json.decode(response.content, type=ProblemDocument))
    return ProblemError(
        ProblemDocument(
            type="about:blank",
            title=response.reason_phrase,
            status=response.status_code,
            code="unknown",
            detail=response.text[:200],
            instance=response.url.path,
            request_id=response.headers.get("x-request-id", ""),
        )
    )
