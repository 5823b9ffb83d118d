"""What the page of a record tells of it: facts by group, the parts as tables. What is empty, or out of reach, is not
there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Prefetch
from django.utils.formats import date_format, number_format, time_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core import access
from core.admin.links import record_url
from core.localized import html_language
from core.records import Record


@dataclass(frozen=True)
class Value:
    text: str
    url: str = ""
    is_outside: bool = False  # the address leads away from this site


@dataclass(frozen=True)
class Fact:
    name: str
    label: str
    values: Sequence[Value]
    is_long: bool = False
    lang: str = ""


@dataclass(frozen=True)
class Group:
    title: str
    facts: Sequence[Fact]


@dataclass(frozen=True)
class Facts:
    groups: Sequence[Group]
    empty: Sequence[Fact]  # what the form asks for and nobody has filled in


@dataclass(frozen=True)
class PartTable:
    """The parts of one kind; columns in which no part has a value are left out."""

    slug: str
    title: str
    labels: Sequence[str]
    rows: Sequence[Sequence[Fact]]


def field_of(model: type[models.Model], name: str) -> Any:
    """None for what is no field."""
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def gathered(user: Any, record: Any, fieldsets: Any, told: Iterable[str], schemes: Mapping[str, str]) -> Facts:
    """The fields of the form's groups without those `told` elsewhere on the page; `schemes` make links, e.g.
    `{"phone": "tel:"}`."""
    groups, empty = [], []
    for title, options in fieldsets:
        fields = [field for name in options["fields"] if (field := field_of(type(record), name))]
        facts = [fact_of(user, record, field, schemes) for field in fields if not _is_currency(field)]
        empty += [fact for fact in facts if not fact.values]
        if filled := [fact for fact in facts if fact.values and fact.name not in told]:
            groups.append(Group(str(title or ""), filled))
    return Facts(groups, empty)


def fact_of(user: Any, record: Any, field: Any, schemes: Mapping[str, str]) -> Fact:
    values = list(_values(user, record, field))
    if (scheme := schemes.get(field.name)) and values:
        values = [Value(values[0].text, f"{scheme}{values[0].text.replace(' ', '')}", is_outside=True)]
    is_long = isinstance(field, models.TextField)
    lang = html_language(getattr(record, f"{field.name}_language", ""))
    return Fact(field.name, str(capfirst(field.verbose_name)), values, is_long, lang)


def _values(user: Any, record: Any, field: Any) -> Iterable[Value]:
    if field.many_to_many:
        return [_named(linked) for linked in _linked(user, record, field)]
    if field.is_relation:
        linked = getattr(record, field.name)
        return [_named(linked)] if linked is not None and access.may(user, "view", type(linked)) else []
    value = getattr(record, field.name)
    if value in (None, "") or not str(value):
        return []
    return [_plain(record, field, value)]


def _linked(user: Any, record: Any, field: Any) -> Iterable[Any]:
    if field.name in getattr(record, "_prefetched_objects_cache", {}):
        return getattr(record, field.name).all()
    return access.scoped(user, getattr(record, field.name).all())


def _named(linked: Any) -> Value:
    return Value(str(linked), record_url(linked) if isinstance(linked, Record) else "")


def _plain(record: Any, field: Any, value: Any) -> Value:
    if isinstance(field, models.FileField):
        return Value(PurePosixPath(value.name).name, value.url)
    if isinstance(field, models.URLField):
        return Value(value, value, is_outside=True)
    if field.choices or hasattr(value, "alpha3"):  # of a choice, or a country
        return Value(str(getattr(record, f"get_{field.name}_display")()))
    currency = field_of(type(record), _currency_of(field.name))
    if isinstance(field, models.DecimalField) and currency is not None:
        places = 0 if value == value.to_integral_value() else field.decimal_places
        amount = number_format(value, places, force_grouping=True)
        return Value(f"{getattr(record, currency.name)} {amount}".strip())
    return Value(_written(value))


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if hasattr(value, "tzinfo") and hasattr(value, "year"):
        return date_format(localtime(value), "DATETIME_FORMAT")
    if hasattr(value, "year"):
        return date_format(value, "DATE_FORMAT")
    if hasattr(value, "hour"):
        return time_format(value, "TIME_FORMAT")
    return number_format(value, force_grouping=True) if isinstance(value, int) else str(value)


def _currency_of(name: str) -> str:
    return f"{name.removesuffix('amount')}currency" if name.endswith("amount") else ""


def _is_currency(field: Any) -> bool:
    """It is told with its amount."""
    amount = f"{field.name.removesuffix('currency')}amount"
    return field.name.endswith("currency") and field_of(field.model, amount) is not None


# -- parts -------------------------------------------------------------------------------------------------------------


def part_tables(user: Any, record: Any, inlines: Iterable[Any]) -> list[PartTable]:
    """One for each kind of part that the record has."""
    found = (_part_table(user, record, inline) for inline in inlines)
    return [table for table in found if table is not None]


def _part_table(user: Any, record: Any, inline: Any) -> PartTable | None:
    model = inline.model
    fields = [
        field
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.editable and not field.primary_key and field.name != model.whole and not _is_currency(field)
    ]
    rows = [
        [fact_of(user, part, field, inline.schemes_of(part)) for field in fields]
        for part in _parts(user, record, model, fields)
    ]
    if not rows:
        return None
    shown = [index for index in range(len(fields)) if any(row[index].values for row in rows)]
    labels = [rows[0][index].label for index in shown]
    title = str(capfirst(model._meta.verbose_name_plural))
    return PartTable(model._meta.model_name, title, labels, [[row[index] for index in shown] for row in rows])


def _parts(user: Any, record: Any, model: Any, fields: list[Any]) -> list[Any]:
    single = [field.name for field in fields if field.is_relation and not field.many_to_many]
    links = [Prefetch(f.name, access.scoped(user, f.related_model)) for f in fields if f.many_to_many]
    parts = list(
        model._default_manager.filter(**{model.whole: record}).select_related(*single).prefetch_related(*links)
    )
    for name in single:
        _empty_out_of_reach(user, parts, model._meta.get_field(name))
    return parts


def _empty_out_of_reach(user: Any, parts: list[Any], field: Any) -> None:
    if not access.is_restricted(field.related_model):
        return
    pks = {getattr(part, field.attname) for part in parts}
    reached = set(access.scoped(user, field.related_model).filter(pk__in=pks).values_list("pk", flat=True))
    for part in parts:
        if getattr(part, field.attname) not in reached:
            setattr(part, field.name, None)
