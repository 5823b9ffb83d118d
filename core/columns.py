"""Which fields a list shows: one declaration per resource for CSV, XLSX, API lists and API records.

`Columns(Lead, "reference", "title", "organization", ...)` derives each column from the model. Rows are read with
`values_list`, never as instances, so a million of them cost constant memory and no query per row.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core import access
from core.column_sources import (
    Linked,
    Name,
    Number,
    Owned,
    Reached,
    file_address,
    its_id,
    its_name,
    their_ids,
    their_names,
)

CHUNK = 2000
Loader = Callable[[Any, Sequence[Any]], dict[Any, Any]]  # (user, primary keys) -> {primary key: value}


@dataclass(frozen=True)
class Column:
    """One output cell.

    `paths` are the ORM paths it reads and `value` makes the cell from them (None: the value as it is). A column with
    `load` is instead filled for a whole chunk of rows by one query, shared by the columns that have the same `load`.
    `expression` makes, for a user, the same value as an expression of the ORM, so that the database can make the cells
    of CSV files; a `load` or `value` of one's own without it sends them a slower way. `kind` is one of text, integer,
    decimal, boolean, date, time, datetime, list or parts.
    """

    code: str
    label: Any
    kind: str = "text"
    paths: tuple[str, ...] = ()
    value: Callable[..., Any] | None = None
    load: Loader | None = None
    choices: Callable[[], dict[Any, Any]] | None = None
    detail_only: bool = False
    schema: Any = None
    nullable: bool = False
    expression: Callable[[Any], Any] | None = None


_KINDS: tuple[tuple[Any, str], ...] = (
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.TimeField, "time"),
    (models.DecimalField, "decimal"),
    (models.IntegerField, "integer"),
    (models.AutoField, "integer"),
)


def _kind(field: Any) -> str:
    return next((kind for cls, kind in _KINDS if isinstance(field, cls)), "text")


def plain(model: type[models.Model], name: str) -> Column:
    field: Any = model._meta.get_field(name)
    choices = (lambda: dict(field.flatchoices)) if getattr(field, "choices", None) else None
    value = file_address if isinstance(field, models.FileField) else None
    label, nullable = capfirst(field.verbose_name), bool(field.null)
    return Column(name, label, _kind(field), (name,), value, choices=choices, nullable=nullable)


def reference(model: Any) -> Column:
    return Column("reference", _("Reference"), "text", ("pk",), Number(model.reference_prefix))


def related(model: type[models.Model], name: str) -> tuple[Column, Column]:
    """A foreign key as `<name>` (id) and `<name>_display`. Where the target is restricted, both are empty for readers
    who do not reach it, exactly as if nothing were linked."""
    field = model._meta.get_field(name)
    target: Any = field.related_model
    label = capfirst(field.verbose_name)  # type: ignore[union-attr]
    id_label = _LazyIdLabel(label)
    if access.is_restricted(target):
        load = Reached(model, name)
        return (
            Column(name, id_label, "integer", load=load, value=its_id, nullable=True),
            Column(f"{name}_display", label, load=load, value=its_name),
        )
    paths = tuple(f"{name}__{path}" for path in target.display_paths)
    return (
        Column(name, id_label, "integer", (f"{name}_id",), nullable=bool(field.null)),
        Column(f"{name}_display", label, "text", paths, Name(target)),
    )


class _LazyIdLabel:
    """`Organization (ID)` in the language active when the heading is written."""

    def __init__(self, label: Any) -> None:
        self.label = label

    def __str__(self) -> str:
        return str(_("%(field)s (ID)")) % {"field": self.label}


def many(model: type[models.Model], name: str) -> tuple[Column, Column]:
    """A many-to-many relation as a list of ids and a list of names, each in the order of linking."""
    load, label = Linked(model, name), capfirst(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return (
        Column(name, _LazyIdLabel(label), "list", load=load, value=their_ids, schema="integer"),
        Column(f"{name}_display", label, "list", load=load, value=their_names, schema="string"),
    )


def parts(
    code: str, model: Any, columns: "Columns", *, ordering: Sequence[str] = ("pk",), in_lists: bool = False
) -> Column:
    """The parts of a record as a list of objects, e.g. an organization's aliases; by default only on one record."""
    return Column(
        code,
        capfirst(model._meta.verbose_name_plural),
        "parts",
        load=Owned(columns, tuple(ordering)),
        detail_only=not in_lists,
        schema=columns,
    )


def derive(model: type[models.Model], name: str) -> tuple[Column, ...]:
    """The columns of a model field, by its kind."""
    if name == "reference":
        return (reference(model),)
    field = model._meta.get_field(name)
    if field.many_to_many:
        return many(model, name)
    if field.is_relation:
        return related(model, name)
    return (plain(model, name),)


class Columns:
    """The ordered columns of a resource. `*columns` are field names, `Column`s, or functions that make columns late."""

    def __init__(self, model: type[models.Model], *columns: str | Column) -> None:
        self.model = model
        self._declared = columns
        self._built: list[Column] | None = None

    @property
    def all(self) -> list[Column]:
        # Built on first use: whether a relation is restricted is known only after every app has registered its scopes.
        if self._built is None:
            self._built = [
                column
                for declared in self._declared
                for column in ((declared,) if isinstance(declared, Column) else self._derive(declared))
            ]
        return self._built

    def _derive(self, name: str) -> tuple[Column, ...]:
        try:
            return derive(self.model, name)
        except FieldDoesNotExist as error:
            raise FieldDoesNotExist(f"{self.model._meta.label}: no column can be derived from {name!r}") from error

    def listed(self) -> list[Column]:
        return [column for column in self.all if not column.detail_only]

    def chosen(self, codes: Iterable[str] | None, *, detail: bool = False) -> list[Column]:
        """The columns with these codes (all, if None). Raises KeyError with the first unknown code."""
        available = self.all if detail else self.listed()
        if codes is None:
            return available
        by_code = {column.code: column for column in self.all}
        return [by_code[code] for code in codes]

    def batches(
        self, queryset: Any, user: Any, columns: Sequence[Column] | None = None
    ) -> Iterator[tuple[Sequence[Any], list[Sequence[Any]]]]:
        """Yields (primary keys, the values of each column) for every `CHUNK` records, in the queryset's order and in
        constant memory. Working column by column keeps the inner loops in C."""
        columns = self.listed() if columns is None else columns
        paths = list(dict.fromkeys(["pk", *(path for column in columns for path in column.paths)]))
        makers = [_maker(column, paths) for column in columns]
        loads = dict.fromkeys(column.load for column in columns if column.load)
        source = queryset.values_list(*paths).iterator(chunk_size=CHUNK)
        while chunk := list(islice(source, CHUNK)):
            read: list[Sequence[Any]] = list(zip(*chunk, strict=True))
            loaded = {load: load(user, read[0]) for load in loads}
            yield read[0], [make(read, loaded) for make in makers]

    def rows(
        self, queryset: Any, user: Any, columns: Sequence[Column] | None = None
    ) -> Iterator[tuple[Any, list[Any]]]:
        """As `batches`, record by record: (primary key, cells)."""
        for pks, values in self.batches(queryset, user, columns):
            cells = map(list, zip(*values, strict=True)) if values else ([] for _pk in pks)
            yield from zip(pks, cells, strict=True)

    def records(
        self, queryset: Any, user: Any, columns: Sequence[Column] | None = None
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        """As `rows`, with each record as a dict by code."""
        columns = self.all if columns is None else columns
        codes = [column.code for column in columns]
        for pk, cells in self.rows(queryset, user, columns):
            yield pk, dict(zip(codes, cells, strict=True))


_EMPTY: dict[str, Any] = {"text": "", "list": [], "parts": []}


def _maker(column: Column, paths: list[str]) -> Callable[[list[Sequence[Any]], dict[Any, Any]], Sequence[Any]]:
    """Makes the values of a column from those read, which come by path (the first is the primary key), or loaded."""
    if column.load:
        load, value, empty = column.load, column.value or _same, _EMPTY.get(column.kind)

        def made(read: list[Sequence[Any]], loaded: dict[Any, Any]) -> list[Any]:
            found = loaded[load]
            return [value(found[pk]) if pk in found else empty for pk in read[0]]

        return made
    indexes = [paths.index(path) for path in column.paths]
    if column.value is None:
        (index,) = indexes
        return lambda read, loaded: read[index]
    # The same few stations and owners are named in many rows. The cache lives as long as one list, so in one language.
    cell = lru_cache(maxsize=CHUNK)(column.value) if "__" in column.paths[0] else column.value
    return lambda read, loaded: list(map(cell, *(read[index] for index in indexes)))


def _same(value: Any) -> Any:
    return value


def as_json(value: Any) -> Any:
    """For values that orjson does not know: decimals go out as strings, lazy texts as text."""
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    return str(value)


# Every record begins and ends with these.
RECORD_HEAD = ("id", "reference")
RECORD_TAIL = (
    "is_sample", "created_at", "created_by", "updated_at", "updated_by", "version", "archived_at", "archive_reason",
)  # fmt: skip


def record_columns(model: type[models.Model], *columns: str | Column) -> Columns:
    """The columns of a business record: its number, its own fields, and who changed it when."""
    return Columns(model, *RECORD_HEAD, *columns, *RECORD_TAIL)


def changes(model: Any, name: str = "stage_changes") -> Column:
    """The history rows of a flow, for one record."""
    columns = Columns(model, "id", "from_value", "to_value", "reason", *model.details(), "changed_at", "changed_by")
    return parts(name, model, columns, ordering=("changed_at", "pk"))
