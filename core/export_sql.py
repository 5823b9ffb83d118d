"""The texts of cells as expressions, so that the database makes a CSV file and no value passes through Python.

Every kind of column has its twin of `core.export_cells` here. Where one is missing, `NotInSql` is raised and the file
is made in Python: slower, never wrong. For a new kind of column add a case to `Texts.value` or a line to `_FORMS`;
`tests/core/test_export_sql.py` compares both ways for every resource.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Case, F, OuterRef, Value, When
from django.db.models.functions import Cast, Concat, Left, LPad
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access
from core.column_sources import Linked, Name, Number, Owned, Reached, file_address, its_id, their_ids
from core.columns import Column
from core.database_text import TEXT, Digits, Found, IsoMoment, IsoTime, Joined, Labelled, Lines, LocalMinute
from core.export_cells import LIST_SEPARATOR, shown_parts


class NotInSql(Exception):
    """This column or queryset has no form that the database can make by itself."""


def is_harmless(column: Column) -> bool:
    """Whether no text of the column can be a formula."""
    return isinstance(column.value, Number) or column.value is their_ids


@dataclass(frozen=True)
class Texts:
    """Makes the cells of a model's columns: for people or for programs (`headers`), for this reader.

    `record` is the primary key of the row that a subquery belongs to.
    """

    model: type[models.Model]
    user: Any
    headers: str
    record: Any = field(default_factory=lambda: OuterRef("pk"))

    def of(self, column: Column) -> Any:
        """The text of the cells, or a value whose own text is the one wanted; nothing is NULL or an empty text."""
        value = self.value(column)
        if self.headers == "labels" and column.choices is not None:
            return Labelled(value, {key: str(label) for key, label in column.choices().items()})
        form = _FORMS[self.headers].get(column.kind)
        return form(value) if form else value

    def value(self, column: Column) -> Any:
        if column.expression is not None:
            return column.expression(self.user)
        match column.load or column.value:
            case None:
                return _field(self.model, column)
            case Number(prefix):
                return Concat(Value(f"{prefix}-"), _padded(F("pk")), output_field=TEXT)
            case Name(target):
                return self._name(column.paths[0].removesuffix(target.display_paths[0]), target)
            case Reached(name=name, target=target):
                wanted = F("pk") if column.value is its_id else name_of(target)
                return _seen(self.user, target, name, wanted)
            case Linked() as source:
                return self._linked(source, column)
            case Owned() as source:
                return self._owned(source, column)
            case other if other is file_address:
                return _file_address(*column.paths)
        raise NotInSql(column.code)

    def _name(self, at: str, target: Any) -> Any:
        name, relation = name_of(target, at), self.model._meta.get_field(at.removesuffix("__"))
        return Case(When(**{f"{at}pk__isnull": False}, then=name), output_field=TEXT) if relation.null else name

    def _linked(self, source: Linked, column: Column) -> Any:
        near, far = source.ends
        wanted = F("pk") if column.value is their_ids else name_of(source.target)
        return _lines(source.links().filter(**{near: self.record}), _seen(self.user, source.target, far, wanted))

    def _owned(self, source: Owned, column: Column) -> Any:
        texts = Texts(source.model, self.user, self.headers)
        row = Joined(", ", *(texts.of(part) for part in shown_parts(column)))
        return _lines(source.rows(self.user).filter(**{source.model.whole: self.record}), row)


def _field(model: Any, column: Column) -> Any:
    (path,) = column.paths
    field = model._meta.pk if path == "pk" else model._meta.get_field(path)
    is_text = isinstance(field, models.CharField | models.TextField)
    if hasattr(field, "from_db_value") or is_text is not (column.kind == "text"):
        raise NotInSql(column.code)
    return F(path)


def _padded(pk: Any) -> Any:
    """At least six digits."""
    digits = Cast(pk, TEXT)
    return Case(When(GreaterThan(pk, 999_999), then=digits), default=LPad(digits, 6, Value("0")), output_field=TEXT)


def _file_address(path: str) -> Any:
    address = Concat(Value("/files/"), F(path), output_field=TEXT)
    return Case(When(**{path: ""}, then=Value("")), default=address, output_field=TEXT)


# -- other records ----------------------------------------------------------------------------------------------------


def name_of(model: Any, at: str = "") -> Any:
    """`display_from` of the model, by the twin that stands beside it; `at` leads to the record, e.g. `owner__`."""
    owner = next(cls for cls in model.__mro__ if "display_from" in vars(cls))
    if "display_in_sql" not in vars(owner):
        raise NotInSql(f"{model._meta.label}.display_from")
    return model.display_in_sql(*(F(at + path) for path in model.display_paths))


def _seen(user: Any, target: Any, relation: str, wanted: Any) -> Any:
    """Something of the record at the end of a foreign key; NULL where the reader does not reach it."""
    seen = access.scoped(user, target).order_by()
    if wanted == F("pk") and not (seen.query.where or seen.query.is_empty()):
        return F(f"{relation}_id")
    record = seen.filter(pk=OuterRef(f"{relation}_id"))
    return Found(record.annotate(wanted=wanted).values("wanted"))


def _lines(rows: Any, line: Any) -> Any:
    return Lines(rows.annotate(line=line).values("line"), LIST_SEPARATOR)


# -- forms ------------------------------------------------------------------------------------------------------------


def _local_minute(moment: Any) -> Any:
    zone = timezone.get_current_timezone()
    if not isinstance(zone, ZoneInfo) or not zone.key:
        raise NotInSql(f"time zone {zone}")
    return LocalMinute(moment, zone.key)


def _minute(time: Any) -> Any:
    return Left(Cast(time, TEXT), 5)


def _yes_no(value: Any) -> Any:
    return Labelled(value, {True: _("Yes"), False: _("No")})


def _true_false(value: Any) -> Any:
    return Labelled(value, {True: "true", False: "false"})


_FORMS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "labels": {"decimal": Digits, "datetime": _local_minute, "time": _minute, "boolean": _yes_no},
    "codes": {"decimal": Digits, "datetime": IsoMoment, "time": IsoTime, "boolean": _true_false},
}
