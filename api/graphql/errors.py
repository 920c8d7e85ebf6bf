"""Errors of GraphQL: each has the code that REST would have, and says nothing of our insides."""

from collections.abc import Iterable
from typing import Any

import msgspec
from graphql import GraphQLError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from api.problem import Problem, as_problem
from api.stream.session import RefusedError

BAD_QUERY = "badQuery"
TOO_DEEP = Problem(400, "queryTooDeep", "The query is nested too deeply.")
WHERE = "/v1/graphql"


def coded(errors: Iterable[GraphQLError] | None) -> list[GraphQLError]:
    """Return errors as they are told, each with ``extensions.code``."""
    return [_told(error) for error in errors or ()]


def error_of(problem: Problem) -> GraphQLError:
    """Return the error that says what a problem document would."""
    return _as_error(problem, GraphQLError(problem.detail))


def _told(error: GraphQLError) -> GraphQLError:
    if "code" in (error.extensions or {}):
        return error
    cause = error.original_error
    match cause:
        case None | GraphQLError() | CannotGetOperationTypeError() | InvalidOperationTypeError():
            # What the library says of a query repeats the query and the schema, nothing else.
            return _as_error(Problem(400, BAD_QUERY, error.message), error)
        case RecursionError():
            return _as_error(TOO_DEEP, error)
        case RefusedError():
            return _as_error(Problem(400, cause.code, str(cause)), error)
        case Exception():
            return _as_error(as_problem(cause, where=WHERE), error)
    return _as_error(as_problem(error, where=WHERE), error)


def _as_error(problem: Problem, error: GraphQLError) -> GraphQLError:
    extensions: dict[str, Any] = {"code": problem.code}
    if problem.errors:
        extensions["errors"] = msgspec.to_builtins(problem.errors)
    return GraphQLError(
        problem.detail,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
