"""What a query asks for, measured before anything of it is validated or done. Pure.

Its cost is 50 for each read, 1 for each row that a read may bring, and 1 for each value of the
answer. What is within a list counts as often as the list may be long.
``tokens(limit: 50) { items { price } }`` is 50 + 50 for the read and its rows, 2 for the lists and
50 for the prices.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from api.access.rules import need_of
from api.access.scopes import Scope
from api.graphql.arguments import largest
from api.graphql.parts import INSIDE, Part
from api.problem import Problem

READ = 50
"""What asking the store once costs: about as much time as that many values of an answer."""
INTROSPECTION = 5000
"""What it costs to ask for the schema: about as many values as it has."""

PartOf = Mapping[tuple[str, str], Part]


class Limits(NamedTuple):
    """The most that a query may ask for."""

    depth: int
    cost: int
    fields: int


class Place(NamedTuple):
    """Where a selection is. ``type`` None: in the schema, or in nothing that there is.

    ``times``: how often it may come up; ``rows``: how many a list here may have. ``depth`` None:
    not counted, as in the schema, whose nesting the library bounds.
    """

    type: GraphQLObjectType | None
    depth: int | None
    times: int = 1
    rows: int = INSIDE


class Measure:
    """Walks through an operation and its fragments, no further than the limits let it."""

    def __init__(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        *,
        parts: PartOf,
        variables: Mapping[str, Any],
        limits: Limits,
    ) -> None:
        self.cost, self.needs = 0, set[Scope]()
        self._parts, self._variables, self._limits = parts, variables, limits
        self._fields = 0
        self._defaults = {
            one.variable.name.value: one.default_value
            for one in operation.variable_definitions or ()
        }
        self._fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }

    def take(self, selections: SelectionSetNode, place: Place) -> None:
        """Add up what a selection asks for.

        Raises:
            Problem: it is more than the limits allow (400).
        """
        for one in selections.selections:
            # Fragments count too, else those that are in each other would have no end.
            self._fields += 1
            if self._fields > self._limits.fields:
                raise too_large(self._limits)
            match one:
                case FieldNode():
                    self._field(one, place)
                case InlineFragmentNode():
                    self.take(one.selection_set, place)
                case FragmentSpreadNode() if fragment := self._fragments.get(one.name.value):
                    self.take(fragment.selection_set, place)

    def _field(self, node: FieldNode, place: Place) -> None:
        inner = self._inside(node, place)
        if inner.depth is not None and inner.depth > self._limits.depth:
            raise _over("queryTooDeep", "nested more deeply", self._limits.depth, "levels")
        if self.cost > self._limits.cost:
            raise _over("queryTooCostly", "dearer", self._limits.cost, "in all")
        if node.selection_set:
            self.take(node.selection_set, inner)

    def _inside(self, node: FieldNode, place: Place) -> Place:
        """Return where the selection of a field is, having added what the field itself costs."""
        name, depth = node.name.value, None if place.depth is None else place.depth + 1
        if name.startswith("__"):
            self.cost += INTROSPECTION if node.selection_set else place.times
            return Place(None, None)
        definition = place.type.fields.get(name) if place.type else None
        if place.type is None or definition is None:
            # Validation will say that there is no such field.
            return Place(None, depth)
        times, rows = place.times, place.rows
        self.cost += times
        if part := self._parts.get((place.type.name, name)):
            self.needs.add(need_of(part.twin) or "")
            rows = self._rows(node, part)
            self.cost += times * (READ + rows)
        if is_list_type(get_nullable_type(definition.type)):
            times, rows = times * rows, INSIDE
        below = get_named_type(definition.type)
        return Place(below if isinstance(below, GraphQLObjectType) else None, depth, times, rows)

    def _rows(self, node: FieldNode, part: Part) -> int:
        if part.rows is not None:
            return part.rows
        given = next((a.value for a in node.arguments or () if a.name.value == "limit"), None)
        if given is None:
            return int(part.asks.model_fields["limit"].default)
        if isinstance(given, VariableNode):
            known = self._variables.get(given.name.value)
            if isinstance(known, int):
                return max(known, 1)
            given = self._defaults.get(given.name.value)
        if isinstance(given, IntValueNode):
            return max(int(given.value), 1)
        # Of what is known only when it is checked, the most.
        return largest(part.asks, "limit")


def written(selections: SelectionSetNode | None) -> int:
    """Return how many fields and fragments are written in a selection, and in what it holds."""
    if selections is None:
        return 0
    return sum(
        1 + written(getattr(selection, "selection_set", None))
        for selection in selections.selections
    )


def too_large(limits: Limits) -> Problem:
    """Return the problem of a query with too many fields."""
    return _over("queryTooLarge", "larger", limits.fields, "fields")


def _over(code: str, what: str, most: int, unit: str) -> Problem:
    return Problem(400, code, f"The query is {what} than is allowed, which is {most} {unit}.")
