"""Request bodies. What a record looks like when it goes out is said by its Columns; here is only what may come in."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.validators import UniqueValidator

from core.api.fields import LARGEST_ID, ScopedRelatedField
from core.api.parts import replace_parts, set_many, split_many, without_unseen
from core.api.schema_types import resource_name
from core.columns import Column
from core.records import Part, one_change
from core.reference import refuse_retired_links
from core.resources import Resource

MOST_PARTS = 1000
READ_ONLY = {
    "version": _("The version is not set here: send the ETag in the If-Match header."),
    "archived_at": _("Records are archived with POST …/archive/ and brought back with POST …/restore/."),
    "archived_by": _("Records are archived with POST …/archive/ and brought back with POST …/restore/."),
    "archive_reason": _("Records are archived with POST …/archive/ and brought back with POST …/restore/."),
}


def refusal(message: Any, code: str) -> ErrorDetail:
    return ErrorDetail(str(message), code=code)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses keys that it does not know, at their place: a typing error must not be lost silently."""

    def to_internal_value(self, data: Any) -> Any:
        refused = self._refused(data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            if not isinstance(error.detail, dict):
                raise
            raise ValidationError({**error.detail, **refused}) from None
        if refused:
            raise ValidationError(refused)
        return values

    def _refused(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        return {str(name): [self.why_refused(str(name))] for name in data if name not in self.fields}

    def why_refused(self, name: str) -> ErrorDetail:
        return refusal(_("There is no such field."), "unknown")

    @property
    def user(self) -> Any:
        return getattr(self.context.get("request"), "user", None)


class CheckedSerializer(StrictSerializer, serializers.ModelSerializer[Any]):
    """Fields of a model, with relations that reach only as far as the caller's sight."""

    serializer_related_field = ScopedRelatedField

    def build_standard_field(self, field_name: str, model_field: Any) -> tuple[Any, dict[str, Any]]:
        field_class, kwargs = super().build_standard_field(field_name, model_field)
        # `full_clean` asks for uniqueness, with the message that the model gives.
        if "validators" in kwargs:
            kwargs["validators"] = [v for v in kwargs["validators"] if not isinstance(v, UniqueValidator)]
        return field_class, kwargs

    def get_uniqueness_extra_kwargs(self, field_names: Any, declared_fields: Any, extra_kwargs: Any) -> Any:
        return extra_kwargs, {}

    def get_validators(self) -> list[Any]:
        return []

    def why_refused(self, name: str) -> ErrorDetail:
        if name in {flow.field for flow in getattr(self.Meta.model, "flows", ())}:
            return refusal(_("Move it with POST …/%(field)s/.") % {"field": name}, "read_only")
        if name in READ_ONLY:
            return refusal(READ_ONLY[name], "read_only")
        if self._shown(name):
            return refusal(_("This is read-only."), "read_only")
        return super().why_refused(name)

    def _shown(self, name: str) -> bool:
        """Whether readers of the record see this."""
        resource = getattr(self.context.get("view"), "resource", None)
        columns: list[Column] = resource.columns.all if resource and self.parent is None else []
        model: Any = self.Meta.model
        fields = {field.name for field in model._meta.get_fields()}
        shown = fields | {column.code for column in columns} | {"reference"}
        return name in shown or name.removesuffix("_display") in fields


class PartSerializer(CheckedSerializer):
    """One row of a record's parts. `Meta.fields` without the whole; the id says which part a row is about."""

    id = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_ID,
        help_text=_("Of an existing part. Without it a new one is made."),
    )

    def get_field_names(self, declared_fields: Any, info: Any) -> Any:
        return ["id", *super().get_field_names({}, info)]


class RecordSerializer(CheckedSerializer):
    """Checks a body as the model does (`full_clean`) and stores the record, its links and its parts as one."""

    parts: ClassVar[dict[str, type[PartSerializer]]] = {}

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name, serializer_class in self.parts.items():
            options: dict[str, Any] = {"many": True, "required": False, "max_length": MOST_PARTS}
            fields[name] = serializer_class(**options)
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        values = {name: value for name, value in attrs.items() if name not in self.parts}
        model: Any = self.Meta.model
        plain, many = split_many(model, values)
        record = self.instance or model()
        for name, value in without_unseen(record, self.user, plain).items():
            setattr(record, name, value)
        record.full_clean()
        for name, chosen in many.items():
            refuse_retired_links(record, name, chosen)
            record.clean_links(name, chosen)
        self.candidate = record
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Any:
        return self._store(validated_data)

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        return self._store(validated_data)

    @transaction.atomic
    @one_change()
    def _store(self, values: dict[str, Any]) -> Any:
        record = self.candidate
        record.save()
        set_many(record, self.user, split_many(type(record), values)[1])
        for name, serializer_class in self.parts.items():
            if name in values:
                self._store_parts(record, name, serializer_class.Meta.model, values[name])
        return record

    def _store_parts(self, record: Any, name: str, model: type[Part], rows: list[dict[str, Any]]) -> None:
        try:
            replace_parts(record, model, rows, self.user)
        except ValidationError as error:
            raise ValidationError({name: error.detail}) from None


class ReasonSerializer(StrictSerializer):
    """Why a record is archived."""

    reason = serializers.CharField(max_length=255)


class EmptySerializer(StrictSerializer):
    """For actions that need no more than their address."""


def writable(model: type[models.Model], name: str) -> bool:
    """Whether a column stands for a field of the model that people may set."""
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    stored = (field.concrete or field.many_to_many) and not field.auto_created
    return bool(stored and field.editable and not field.primary_key)


def _writable_codes(model: type[models.Model], columns: list[Column]) -> list[str]:
    return [column.code for column in columns if writable(model, column.code)]


def _meta(model: type[models.Model], fields: Sequence[str]) -> type:
    return type("Meta", (), {"model": model, "fields": list(fields)})


@cache
def _part_serializer(model: type[Part], codes: tuple[str, ...]) -> type[PartSerializer]:
    attributes = {"Meta": _meta(model, codes), "__doc__": model.__doc__}
    return type(f"{model.__name__}Serializer", (PartSerializer,), attributes)


def part_serializer(column: Column) -> type[PartSerializer]:
    """The body of a column of parts."""
    model = column.schema.model
    return _part_serializer(model, tuple(_writable_codes(model, column.schema.all)))


@cache
def serializer_for(resource: Resource) -> type[RecordSerializer]:
    """What can be written is what is shown and is editable: the body of a resource from its own declaration."""
    model, columns = resource.model, resource.columns.all
    parts = {c.code: part_serializer(c) for c in columns if c.kind == "parts" and issubclass(c.schema.model, Part)}
    attributes = {"Meta": _meta(model, _writable_codes(model, columns)), "parts": parts, "__doc__": model.__doc__}
    return type(f"{resource_name(resource)}Serializer", (RecordSerializer,), attributes)
