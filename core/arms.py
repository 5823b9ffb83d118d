"""Conditions with several sides, each of which an index serves but no index all of them: of my station, or mine.

A scope states such a condition as `AnyOf`. It is an ordinary OR wherever it is used; a long list takes its sides apart
(`split`) and reads each by itself.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.lookups import Exact
from django.db.models.sql.where import AND, WhereNode


class AnyOf(models.Expression):
    """`condition` is true where one of the sides is; `sides` answers them when a list wants to read them one by one."""

    conditional = True
    output_field = models.BooleanField()

    def __init__(self, condition: Q, sides: Callable[[], Sequence[Q]]) -> None:
        super().__init__()
        self.condition: Any = condition
        self.sides = sides

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> "AnyOf":
        clone = self.copy()
        clone.condition = self.condition.resolve_expression(query, *args, **kwargs)
        return clone

    def get_source_expressions(self) -> list[Any]:
        return [self.condition]

    def set_source_expressions(self, expressions: Sequence[Any]) -> None:
        (self.condition,) = expressions

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, parameters = compiler.compile(self.condition)
        return f"({sql})", parameters


def _replaced(node: Any, leaf: Any, by: Any) -> Any:
    clone = node.create(connector=node.connector, negated=node.negated)
    clone.children = [
        by if child is leaf else _replaced(child, leaf, by) if isinstance(child, WhereNode) else child
        for child in node.children
    ]
    return clone


def leaves(queryset: Any) -> list[Any]:
    """The single conditions of a queryset."""
    return list(queryset.query.where.leaves())


def with_condition(queryset: Any, leaf: Any, by: Any = None) -> Any:
    """The queryset with another condition in the place of one that it has, or with none."""
    clone = queryset.all()
    clone.query.where = _replaced(clone.query.where, leaf, WhereNode() if by is None else by)
    return clone


def _is_asked_anyway(queryset: Any, side: Q) -> bool:
    """Whether the queryset has the condition of this side besides, as in a list of what is mine."""
    (condition,) = queryset.model._base_manager.filter(side).query.where.children or (None,)
    return isinstance(condition, Exact) and condition in _asked_of_all(queryset)


def _asked_of_all(queryset: Any) -> list[Any]:
    """The conditions that each record of the queryset meets."""
    where = queryset.query.where
    return list(where.children) if where.connector == AND and not where.negated else []


def split(queryset: Any) -> list[Any]:
    """The same records as querysets that have none in common, each with one side of its `AnyOf`."""
    leaf = next((leaf for leaf in leaves(queryset) if isinstance(getattr(leaf, "lhs", None), AnyOf)), None)
    if leaf is None:
        return [queryset]
    rest, arms, before = with_condition(queryset, leaf), [], Q()
    sides = leaf.lhs.sides()
    if any(_is_asked_anyway(rest, side) for side in sides):
        return [rest]
    for side in sides:
        arms.append(rest.filter(side, ~before) if before else rest.filter(side))
        before |= side
    return arms
