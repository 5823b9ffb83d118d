"""A total order for lists, the same on every database, and the condition for continuing after a given record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.db.models import F, Q


@dataclass(frozen=True)
class Key:
    """One field of an order. Empty values come last in both directions; read backwards, they come first."""

    path: str
    field: Any
    descending: bool
    nullable: bool
    backwards: bool = False

    @property
    def falling(self) -> bool:
        return self.descending != self.backwards

    def expression(self) -> Any:
        if not self.nullable:  # the plain form is the one that every planner finds an index for
            return f"-{self.path}" if self.falling else self.path
        nulls = {"nulls_first": True} if self.backwards else {"nulls_last": True}
        return F(self.path).desc(**nulls) if self.falling else F(self.path).asc(**nulls)

    @property
    def direction(self) -> str:
        """As in SQL."""
        nulls = (" NULLS FIRST" if self.backwards else " NULLS LAST") if self.nullable else ""
        return ("DESC" if self.falling else "ASC") + nulls

    def is_empty(self, empty: bool = True) -> Q:
        return Q(**{f"{self.path}__isnull": empty})

    def compare(self, value: Any, *, ahead: bool, inclusive: bool) -> Q:
        lookup = ("lt" if self.falling else "gt") if ahead else ("gt" if self.falling else "lt")
        return Q(**{f"{self.path}__{lookup}{'e' * inclusive}": value})


def _key(model: Any, name: str) -> Key:
    """Follows `organization__name`; a relation itself is ordered by its id, never by the order of its target."""
    descending, path = name.startswith("-"), name.removeprefix("-")
    *relations, last = path.split("__")
    nullable = False
    for relation in relations:
        field = model._meta.get_field(relation)
        nullable, model = nullable or field.null, field.related_model
    field = model._meta.pk if last == "pk" else model._meta.get_field(last)
    path = "__".join([*relations, field.attname])
    return Key(path, getattr(field, "target_field", field), descending, nullable or field.null)


def keys(model: type[models.Model], names: Sequence[str]) -> tuple[Key, ...]:
    """The keys for these names, each field once, ending with the primary key so that no two records are equal.

    The primary key goes the way of the name before it, so that one index serves a field in both directions.
    """
    found: dict[str, Key] = {}
    for name in (*names, "-pk" if names[-1].startswith("-") else "pk"):
        key = _key(model, name)
        found.setdefault(key.path, key)
    return tuple(found.values())


def expressions(order: Sequence[Key]) -> list[Any]:
    """For `QuerySet.order_by`."""
    return [key.expression() for key in order]


def backwards(order: Sequence[Key]) -> tuple[Key, ...]:
    return tuple(replace(key, backwards=True) for key in order)


def after(order: Sequence[Key], values: Sequence[Any]) -> Q:
    """The records that come after the one with these values.

    For fields that are never empty the form is `a <= x AND NOT (a = x AND b >= y)`: its first half looks redundant,
    but lets the database enter an index at x instead of filtering all that came before (design 3.11).
    """
    key, value = order[0], values[0]
    if len(order) == 1:
        return key.compare(value, ahead=True, inclusive=False)
    rest = after(order[1:], values[1:])
    if value is None:
        return key.is_empty(False) | (key.is_empty() & rest) if key.backwards else key.is_empty() & rest
    same = Q(**{key.path: value})
    if key.nullable:
        ahead = key.compare(value, ahead=True, inclusive=False)
        return ahead | (same & rest) if key.backwards else ahead | key.is_empty() | (same & rest)
    return key.compare(value, ahead=True, inclusive=True) & ~(same & _not_after(order[1:], values[1:], rest))


def _not_after(order: Sequence[Key], values: Sequence[Any], rest: Q) -> Q:
    if len(order) == 1:
        return order[0].compare(values[0], ahead=False, inclusive=True)
    return ~rest


@dataclass(frozen=True)
class Zone:
    """A stretch of a list that an index serves in one go: the records under `condition`, in this order."""

    condition: Q
    order: tuple[Key, ...]


def zones(order: Sequence[Key], values: Sequence[Any] | None = None) -> list[Zone]:
    """The stretches of a list, in its order, from its beginning or after the record with these values.

    If the leading field may be empty, no index gives "filled ones, then empty ones" on every database. Each of the two
    alone is served by a plain index, and few pages have both.
    """
    first, rest = order[0], tuple(order[1:])
    if not first.nullable:
        return [Zone(after(order, values) if values else Q(), tuple(order))]
    in_empty = values is not None and values[0] is None
    in_filled = values is not None and not in_empty
    certain = (replace(first, nullable=False), *rest)
    filled = Zone(after(certain, values) if values and in_filled else first.is_empty(False), certain)
    empty = Zone(first.is_empty() & after(rest, values[1:]) if values and in_empty else first.is_empty(), rest)
    if first.backwards:
        return [filled] if in_filled else [empty, filled]
    return [empty] if in_empty else [filled, empty]
