"""The guard: what a query may ask for, told before it is validated, let alone done."""

from collections.abc import Iterator

from graphql import OperationDefinitionNode, OperationType, get_operation_ast
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionResult, StreamExecutionResult

from api.access.rules import refusal
from api.graphql.context import Context
from api.graphql.cost import Limits, Measure, Place, too_large, written
from api.graphql.errors import BAD_QUERY, TOO_DEEP, WHERE, coded, error_of
from api.graphql.parts import BY_FIELD
from api.problem import Problem
from api.settings import ApiSettings

NO_OPERATION = "There is no such operation, or there are several and none is named."
MAX_TOKENS = 2000
"""Words and signs of a query; reading it stops there."""


def limits_of(settings: ApiSettings) -> Limits:
    """Return the limits of a deployment."""
    return Limits(
        depth=settings.graphql_depth_max,
        cost=settings.graphql_cost_max,
        fields=settings.graphql_fields_max,
    )


class Guard(SchemaExtension):
    """Lets no query through that is too large, or whose caller may not read all it asks for."""

    def on_operation(self) -> Iterator[None]:
        """Bound what is parsed."""
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        yield

    def on_validate(self) -> Iterator[None]:
        """Refuse before validation, which takes the square of a query's size."""
        try:
            self._check(self.execution_context.context)
        except (Problem, RecursionError) as error:
            # Fragments in each other may be deeper than the limits of a deployment bound.
            problem = error if isinstance(error, Problem) else TOO_DEEP
            self.execution_context.pre_execution_errors = [error_of(problem)]
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Give the errors of a live message their codes."""
        if isinstance(result, ExecutionResult) and result.errors:
            result.errors = coded(result.errors)
        yield

    def _check(self, context: Context) -> None:
        """Check the operation that is asked for.

        Raises:
            Problem: it is refused.
        """
        asked, limits = self.execution_context, limits_of(context.use.settings)
        document = asked.graphql_document
        definitions = document.definitions if document else ()
        if sum(written(getattr(one, "selection_set", None)) for one in definitions) > limits.fields:
            raise too_large(limits)
        # Its public name is that of the first of several where none is given.
        name = asked._provided_operation_name  # noqa: SLF001
        operation = get_operation_ast(document, name) if document else None
        if document is None or operation is None:
            raise Problem(400, BAD_QUERY, NO_OPERATION)
        if context.session and operation.operation is not OperationType.SUBSCRIPTION:
            raise Problem(400, BAD_QUERY, "Queries go over HTTP; this is for subscriptions.")
        measure = Measure(
            document,
            operation,
            parts=BY_FIELD,
            variables=asked.variables or {},
            limits=limits,
        )
        measure.take(operation.selection_set, self._start(operation))
        _permit(context, measure)

    def _start(self, operation: OperationDefinitionNode) -> Place:
        schema = self.execution_context.schema._schema  # noqa: SLF001  (It has no other name.)
        return Place(schema.get_root_type(operation.operation), 0)


def _permit(context: Context, measure: Measure) -> None:
    """Check that the caller may read all that is asked for.

    Raises:
        Problem: it may not (401, 403); there is a line in the audit log.
    """
    caller = context.caller
    for need in sorted(measure.needs):
        refused = refusal(need, caller.scopes, known=caller.key is not None)
        if refused:
            gate, request_id = context.use.gate, context.request_id
            gate.deny(refused, caller, action=f"query {WHERE}", request_id=request_id)
            raise refused
