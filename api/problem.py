"""Errors as RFC 9457 problem documents."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from domain.errors import StoreError, UsageError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818  (RFC 9457 calls it a problem.)
    """A request that cannot be answered; *detail* is one sentence for the caller."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: tuple["ParameterError", ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers = errors, dict(headers or {})


class ParameterError(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one parameter or field of the body."""

    name: str
    detail: str


class ProblemDocument(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """The body of every error. ``code`` never changes its meaning; ``detail`` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    request_id: str
    errors: tuple[ParameterError, ...] = ()


def render(problem: Problem, *, instance: str, request_id: str) -> bytes:
    """Return the problem document as JSON; *instance* is the path that was asked for."""
    return msgspec.json.encode(
        ProblemDocument(
            type=f"urn:btracker:problem:{problem.code}",
            title=HTTPStatus(problem.status).phrase,
            status=problem.status,
            code=problem.code,
            detail=problem.detail,
            instance=instance,
            request_id=request_id,
            errors=problem.errors,
        )
    )


def bad_parameter(name: str, detail: str) -> Problem:
    """Return the problem of one parameter that makes no sense."""
    error = ParameterError(name=name, detail=detail)
    return Problem(400, "badParameter", f"{name}: {detail}", errors=(error,))


def invalid(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Return the problem for what the framework found wrong with parameters or the body."""
    found = tuple(ParameterError(name=_name(error), detail=_sentence(error)) for error in errors)
    unknown = all(error["type"] == "extra_forbidden" for error in errors)
    code = "unknownParameter" if unknown else "badParameter"
    return Problem(400, code, "; ".join(f"{e.name}: {e.detail}" for e in found), errors=found)


def _is_whole_body(error: Mapping[str, Any]) -> bool:
    """Return whether the body is wrong as a whole; of what is no JSON the offset is named."""
    return tuple(error["loc"]) == ("body",) or str(error["type"]) == "json_invalid"


def _name(error: Mapping[str, Any]) -> str:
    return "body" if _is_whole_body(error) else ".".join(map(str, error["loc"][1:]))


def _sentence(error: Mapping[str, Any]) -> str:
    if _is_whole_body(error):
        return "must be a JSON object, sent with Content-Type: application/json"
    if error["type"] == "extra_forbidden":
        return "is not a parameter here"
    return str(error["msg"]).removeprefix("Value error, ")


def not_found(what: str) -> Problem:
    """Return the problem of something that is not there; *what* names it."""
    return Problem(404, "notFound", f"There is no {what}.")


def as_problem(error: Exception, *, where: str) -> Problem:
    """Return what the caller is told of an error; *where* it came up is for the log."""
    match error:
        case Problem():
            return error
        case UsageError():
            return Problem(400, "badRequest", str(error))
        case StoreError():
            log.warning("The store cannot answer: %s", error)
            sentence = "The store or the cache cannot be reached; try again in a moment."
            return Problem(503, "unavailable", sentence, headers={"Retry-After": "1"})
    log.error("An answer failed: %s", where, exc_info=error)
    return Problem(500, "internal", "Something went wrong here; it has been logged.")
