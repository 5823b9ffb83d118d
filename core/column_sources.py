"""What a column is filled from when it is not just a field: numbers, names of relations, links, parts.

Each is a small value of its own kind, so that `core.export_sql` can tell what it means and let the database make it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from core import access


@dataclass(frozen=True)
class Number:
    """`L-000123` from the primary key."""

    prefix: str

    def __call__(self, pk: int) -> str:
        return f"{self.prefix}-{pk:06d}"


@dataclass(frozen=True)
class Name:
    """The name of a related record from its `display_paths`; an empty text when the relation is empty."""

    model: Any

    def __call__(self, *values: Any) -> str:
        if None not in values:  # as mostly, in long lists
            return str(self.model.display_from(*values))
        if all(value is None for value in values):
            return ""
        return str(self.model.display_from(*("" if value is None else value for value in values)))


def file_address(name: str) -> str:
    return f"/files/{name}" if name else ""


def _named(user: Any, model: Any, pks: set[Any]) -> dict[Any, tuple[Any, str]]:
    """(primary key, name) of those records that the user reaches, by primary key."""
    name = Name(model)
    rows = access.scoped(user, model).filter(pk__in=pks).order_by().values_list("pk", *model.display_paths)
    return {pk: (pk, name(*values)) for pk, *values in rows}


@dataclass(frozen=True)
class Reached:
    """The record that a foreign key leads to, as (primary key, name), if the reader reaches it."""

    model: Any
    name: str

    @property
    def target(self) -> Any:
        return self.model._meta.get_field(self.name).related_model

    def __call__(self, user: Any, pks: Sequence[Any]) -> dict[Any, tuple[Any, str]]:
        linked = self.model._base_manager.filter(pk__in=pks, **{f"{self.name}__isnull": False})
        links = dict(linked.values_list("pk", f"{self.name}_id"))
        seen = _named(user, self.target, set(links.values()))
        return {pk: seen[target] for pk, target in links.items() if target in seen}


@dataclass(frozen=True)
class Linked:
    """The records of a many-to-many relation that the reader reaches, as (primary key, name), as they were linked."""

    model: Any
    name: str

    @property
    def field(self) -> Any:
        return self.model._meta.get_field(self.name)

    @property
    def target(self) -> Any:
        return self.field.related_model

    @property
    def ends(self) -> tuple[str, str]:
        """The foreign keys of the linking table: to the record, and to what it is linked with."""
        return self.field.m2m_field_name(), self.field.m2m_reverse_field_name()

    def links(self) -> Any:
        return self.field.remote_field.through._base_manager.order_by("pk")

    def __call__(self, user: Any, pks: Sequence[Any]) -> dict[Any, list[tuple[Any, str]]]:
        near, _far = self.ends
        links = self.links().filter(**{f"{near}__in": pks})
        found: dict[Any, list[tuple[Any, str]]] = {}
        for pk, target in self._reached(user, links) if access.is_restricted(self.target) else self._named(user, links):
            found.setdefault(pk, []).append(target)
        return found

    def _named(self, user: Any, links: Any) -> Iterator[tuple[Any, tuple[Any, str]]]:
        """Of targets that all staff share, by one query."""
        if not access.may(user, "view", self.target):
            return
        (near, far), name = self.ends, Name(self.target)
        paths = (f"{far}__{path}" for path in self.target.display_paths)
        for pk, target, *values in links.values_list(f"{near}_id", f"{far}_id", *paths):
            yield pk, (target, name(*values))

    def _reached(self, user: Any, links: Any) -> Iterator[tuple[Any, tuple[Any, str]]]:
        """Those in reach, which are asked for by their ids."""
        near, far = self.ends
        pairs = list(links.values_list(f"{near}_id", f"{far}_id"))
        seen = _named(user, self.target, {target for _pk, target in pairs})
        yield from ((pk, seen[target]) for pk, target in pairs if target in seen)


@dataclass(frozen=True)
class Owned:
    """The parts of a record that the reader reaches, each as a dict by code."""

    columns: Any  # core.columns.Columns of the parts
    ordering: tuple[str, ...]

    @property
    def model(self) -> Any:
        return self.columns.model

    def rows(self, user: Any) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = access.scoped(user, self.model).order_by(*self.ordering)
        return rows

    def __call__(self, user: Any, pks: Sequence[Any]) -> dict[Any, list[dict[str, Any]]]:
        whole = self.model.whole
        queryset = self.rows(user).filter(**{f"{whole}__in": pks})
        owners = dict(queryset.values_list("pk", f"{whole}_id"))
        found: dict[Any, list[dict[str, Any]]] = {}
        for pk, row in self.columns.records(queryset, user):
            found.setdefault(owners[pk], []).append(row)
        return found


def its_id(found: tuple[Any, str]) -> Any:
    return found[0]


def its_name(found: tuple[Any, str]) -> str:
    return found[1]


def their_ids(found: Sequence[tuple[Any, str]]) -> list[Any]:
    return [pk for pk, _name in found]


def their_names(found: Sequence[tuple[Any, str]]) -> list[str]:
    return [name for _pk, name in found]
