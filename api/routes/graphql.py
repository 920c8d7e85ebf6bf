"""GraphQL over HTTP: what REST reads, of which a client takes what it wants."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from api.access.gate import CALLER, REQUEST_ID
from api.answers import JSON, answer
from api.documents import GRAPHQL
from api.graphql.context import Context
from api.graphql.errors import BAD_QUERY, coded, error_of
from api.graphql.guard import NO_OPERATION
from api.graphql.schema import schema
from api.parameters import NOTHING_ELSE, Parameters
from api.problem import Problem, bad_parameter
from api.services import Services, Use

PATH = "/v1/graphql"
RESPONSE = "application/graphql-response+json"
QUERIES = frozenset({OperationType.QUERY})
router = APIRouter(tags=["graphql"])

_members = msgspec.json.Decoder(dict[str, Any]).decode


class Operation(BaseModel):
    """A query as GraphQL over HTTP sends it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: str = Field(min_length=1, description="The document.")
    variables: dict[str, Any] | None = Field(None, description="Values of its variables.")
    operation_name: str | None = Field(
        None, alias="operationName", description="Which of its operations, if it has several."
    )
    extensions: dict[str, Any] | None = Field(None, description="Is not looked at.")


class OperationQuery(Parameters):
    """A query in a query string."""

    query: str = Field(min_length=1, description="The document.")
    variables: str | None = Field(None, description="Values of its variables, a JSON object.")
    operation_name: str | None = Field(None, description="Which of its operations.")
    extensions: str | None = Field(None, description="Is not looked at.")


@router.get(PATH, responses=GRAPHQL, summary="A GraphQL query, that can be kept")
async def get_graphql(
    request: Request, asked: Annotated[OperationQuery, Query()], use: Use
) -> Response:
    """Return what a query asks for. Mutations there are none; subscriptions need a WebSocket."""
    operation = Operation(
        query=asked.query,
        variables=_variables(asked.variables),
        operationName=asked.operation_name,
    )
    return await _answered(request, operation, use)


@router.post(PATH, responses=GRAPHQL, dependencies=[NOTHING_ELSE], summary="A GraphQL query")
async def post_graphql(request: Request, asked: Operation, use: Use) -> Response:
    """Return what a query asks for. Errors are in the answer, each with ``extensions.code``."""
    return await _answered(request, asked, use)


def _variables(text: str | None) -> dict[str, Any] | None:
    try:
        return None if text is None else _members(text)
    except (ValueError, RecursionError):
        raise bad_parameter("variables", "is no JSON object") from None


async def _answered(request: Request, asked: Operation, use: Services) -> Response:
    context = Context(use, request.scope[CALLER], request.scope[REQUEST_ID])
    result = await _result(asked, context)
    errors = coded(result.errors)
    body: dict[str, Any] = {"data": result.data}
    if errors:
        body = {"errors": [error.formatted for error in errors], **body}
    use.metrics.graphql.labels(_outcome(result)).inc()
    media_type = RESPONSE if RESPONSE in request.headers.get("accept", "") else JSON
    shown = msgspec.json.encode(body)
    if not errors:
        found = answer(request, shown, media_type=media_type)
        found.headers["vary"] = "Accept"
        return found
    # The media type says that whatever stands between reads the status.
    status = 400 if result.data is None and media_type == RESPONSE else 200
    headers = {"cache-control": "no-store"}
    return Response(shown, status_code=status, media_type=media_type, headers=headers)


async def _result(asked: Operation, context: Context) -> ExecutionResult:
    try:
        return await schema().execute(
            asked.query,
            variable_values=asked.variables,
            context_value=context,
            operation_name=asked.operation_name,
            allowed_operation_types=QUERIES,
        )
    except CannotGetOperationTypeError:
        sentence = NO_OPERATION
    except InvalidOperationTypeError:
        sentence = "Only queries go over HTTP; subscriptions need a WebSocket."
    return ExecutionResult(data=None, errors=[error_of(Problem(400, BAD_QUERY, sentence))])


def _outcome(result: ExecutionResult) -> str:
    if not result.errors:
        return "answered"
    return "refused" if result.data is None else "partial"
