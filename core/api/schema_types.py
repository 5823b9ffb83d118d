"""Types of the OpenAPI document: output from Columns, parameters from FilterSets."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django_filters.filters import BaseCSVFilter
from rest_framework import serializers

from core.columns import Column, Columns
from core.filters import names_of
from core.resources import Resource

Schema = dict[str, Any]
KINDS: dict[str, Schema] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "decimal": {"type": "string", "format": "decimal"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string"},
    "datetime": {"type": "string", "format": "date-time"},
}
# Long lists of choices that many fields share have a component of their own.
SHARED_CHOICES = {"country": "CountryCode", "currency": "CurrencyCode", "time_zone": "TimeZoneName"}
SHARED_FROM = 50

_FORM_FIELDS: tuple[tuple[type[forms.Field], Schema], ...] = (
    (forms.ModelChoiceField, {"type": "integer"}),
    (forms.BooleanField, {"type": "boolean"}),
    (forms.FloatField, {"type": "number"}),
    (forms.DecimalField, {"type": "number"}),
    (forms.IntegerField, {"type": "integer"}),
    (forms.DateTimeField, {"type": "string", "format": "date-time"}),
    (forms.DateField, {"type": "string", "format": "date"}),
)


def resource_name(resource: Resource) -> str:
    """`Lead`, and for a narrower view of a model the name of its slug: `Delegations`."""
    if resource.within is None:
        return resource.model.__name__
    return "".join(word.capitalize() for word in resource.slug.split("-"))


def shared_name(field_name: str, values: Sequence[Any]) -> str | None:
    if len(values) < SHARED_FROM:
        return None
    return next((name for ending, name in SHARED_CHOICES.items() if field_name.endswith(ending)), None)


class Types:
    """Builds schemas and registers the shared ones with `register(name, schema) -> reference`."""

    def __init__(self, register: Any) -> None:
        self.register = register

    def choice(self, field_name: str, values: Sequence[Any], *, blank: bool = False, nullable: bool = False) -> Schema:
        values = [value for value in values if value not in ("", None)]
        name = shared_name(field_name, values)
        schema = self.register(name, {"type": "string", "enum": values}) if name else _enum(values)
        others: list[Schema] = [{"type": "string", "const": ""}] * blank + [{"type": "null"}] * nullable
        if not others:
            return schema
        if name:
            return {"oneOf": [schema, *others]}
        kind = ["string", "null"] if nullable else "string"
        return {"type": kind, "enum": [*values, *[""] * blank, *[None] * nullable]}

    def column(self, columns: Columns, column: Column) -> Schema:
        return {**self._cell(columns, column), "description": str(column.label)}

    def _cell(self, columns: Columns, column: Column) -> Schema:
        if column.kind == "parts":
            return {"type": "array", "items": self.record(column.schema.model.__name__, column.schema)}
        if column.kind == "list":
            return {"type": "array", "items": {"type": column.schema or "string"}}
        if column.choices is not None:
            blank = _may_be_blank(columns.model, column.code)
            return self.choice(column.code, list(column.choices()), blank=blank, nullable=column.nullable)
        plain = KINDS[column.kind]
        return {**plain, "type": [plain["type"], "null"]} if column.nullable else dict(plain)

    def properties(self, columns: Columns) -> Schema:
        return {column.code: self.column(columns, column) for column in columns.all}

    def record(self, name: str, columns: Columns) -> Schema:
        """A record or part with all its fields."""
        properties = self.properties(columns)
        schema = {"type": "object", "properties": properties, "required": list(properties)}
        reference: Schema = self.register(name, {**schema, "additionalProperties": False})
        return reference

    def page(self, name: str, columns: Columns) -> Schema:
        """The envelope of a list; which fields a row has depends on `fields`."""
        row = {"type": "object", "properties": self.properties(columns), "additionalProperties": False}
        rows = {"type": "array", "items": self.register(f"{name}Row", row)}
        link = {"type": ["string", "null"], "format": "uri"}
        properties = {"next": link, "previous": link, "results": rows}
        schema = {"type": "object", "properties": properties, "required": list(properties)}
        reference: Schema = self.register(f"{name}Page", schema)
        return reference

    def serializer_choice(self, field: serializers.ChoiceField) -> Schema | None:
        """The shared component for a long list of choices in a body."""
        values = [value for value in field.choices if value != ""]
        if field.field_name is None or shared_name(field.field_name, values) is None:
            return None
        blank = field.allow_blank or "" in field.choices
        return self.choice(field.field_name, values, blank=blank, nullable=field.allow_null)

    def filters(self, name: str, declared: Any) -> list[Schema]:
        """The query parameters of one filter of a FilterSet."""
        ends = getattr(declared.field, "fields", None)  # a range has a field for each end
        if ends is None:
            return [self._filter(name, declared)]
        names = names_of(name, declared)
        label = str(declared.label or "")
        return [query(end, self._form_field(end, field), label) for end, field in zip(names, ends, strict=True)]

    def _filter(self, name: str, declared: Any) -> Schema:
        field = declared.field
        schema = self._form_field(name, field)
        several = isinstance(declared, BaseCSVFilter)
        repeated = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
        if several or repeated:
            schema = {"type": "array", "items": schema}
        parameter = query(name, schema, str(declared.label or ""))
        return {**parameter, "style": "form", "explode": not several} if several or repeated else parameter

    def _form_field(self, name: str, field: forms.Field) -> Schema:
        for cls, schema in _FORM_FIELDS:
            if isinstance(field, cls):
                return dict(schema)
        if isinstance(field, forms.ChoiceField):
            return self.choice(name.removesuffix("__in"), [value for value, _label in flat(field.choices)])
        return {"type": "string"}


def flat(choices: Any) -> list[tuple[Any, Any]]:
    """Choices without their groups."""
    found: list[tuple[Any, Any]] = []
    for value, label in choices:
        found += flat(label) if isinstance(label, list | tuple) else [(value, label)]
    return found


def query(name: str, schema: Schema, description: str) -> Schema:
    return {"in": "query", "name": name, "schema": schema, "description": description}


def _enum(values: Sequence[Any]) -> Schema:
    return {"type": "string", "enum": list(values)}


def _may_be_blank(model: Any, code: str) -> bool:
    try:
        return bool(model._meta.get_field(code).blank)
    except FieldDoesNotExist:
        return False
