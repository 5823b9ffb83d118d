"""The OpenAPI document: exact, because every part of it comes from the declaration that the view itself works by."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentIdentity, ResolvedComponent
from rest_framework import serializers

from core.api import bulk, problems
from core.api.flows import change_columns, change_model, move_serializer, plural
from core.api.idempotency import HEADER, LONGEST, REPLAYED
from core.api.merging import MergeSerializer, UnmergeSerializer
from core.api.pagination import DEFAULT_SIZE, LARGEST_SIZE
from core.api.parameters import FORMATS, HEADERS
from core.api.schema_types import Schema, Types, query, resource_name
from core.api.serializers import EmptySerializer, ReasonSerializer
from core.merges import Mergeable
from core.records import Record

PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "in": {"enum": ["body", "query"]},
                    "pointer": {"type": "string", "description": "RFC 6901; in a query the name of the parameter"},
                    "detail": {"type": "string"},
                    "code": {"type": "string"},
                },
                "required": ["in", "pointer", "detail", "code"],
            },
        },
        "merged_into": {"type": "integer", "description": "In a problem of the type “merged”: the record to use"},
    },
    "required": ["type", "title", "status", "detail"],
}
HISTORY: Schema = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"},
        "by": {"type": ["integer", "null"]},
        "by_name": {"type": "string"},
        "action": {"enum": ["create", "update", "delete", "access"]},
        "object": {"type": "string"},
        "changes": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "label", "before", "after")},
                "required": ["field", "label", "before", "after"],
            },
        },
    },
    "required": ["id", "at", "by", "by_name", "action", "object", "changes"],
}
MERGE: Schema = {
    "type": "object",
    "properties": {
        "other": {"type": "integer"},
        "other_display": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
        "by": {"type": ["integer", "null"]},
        "by_name": {"type": "string"},
        "undone_at": {"type": ["string", "null"], "format": "date-time"},
        "undone_by": {"type": ["integer", "null"]},
        "undone_by_name": {"type": "string"},
    },
    "required": ["other", "other_display", "at", "by", "by_name", "undone_at", "undone_by", "undone_by_name"],
}
MERGED: Schema = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "merged_into": {"type": "integer"}},
    "required": ["id", "merged_into"],
}
VERSION: Schema = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "version": {"type": "integer"}},
    "required": ["id", "version"],
}
RESPONSES = {
    400: ("BadRequest", problems.INVALID),
    401: ("Unauthenticated", problems.UNAUTHENTICATED),
    403: ("Forbidden", problems.FORBIDDEN),
    404: ("NotFound", problems.NOT_FOUND),
    409: ("Conflict", problems.CONFLICT),
    412: ("PreconditionFailed", problems.STALE),
    413: ("TooLarge", problems.TOO_LARGE),
    415: ("UnsupportedMediaType", problems.UNSUPPORTED),
    422: ("KeyReused", problems.KEY_REUSED),
    428: ("PreconditionRequired", problems.PRECONDITION_REQUIRED),
    429: ("TooManyRequests", problems.THROTTLED),
}
READS = ("list", "retrieve", "history", "merges")
CHANGES = ("update", "partial_update", "archive", "restore", "merge", "unmerge")
FILES = {"text/csv": {"type": "string"}, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {}}


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "core.api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> Schema:
        return {"type": "http", "scheme": "bearer", "description": "manage.py create_token USER"}


class StaffSessionScheme(OpenApiAuthenticationExtension):
    target_class = "core.api.authentication.StaffSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> Schema:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class RecordAutoSchema(AutoSchema):
    """Describes viewsets of resources; other views and their further actions as drf-spectacular does."""

    @property
    def resource(self) -> Any:
        return getattr(self.view, "resource", None)

    @property
    def action(self) -> str:
        return str(getattr(self.view, "action", ""))

    @property
    def flow(self) -> Any:
        return getattr(self.view, "flows", {}).get(self.action)

    @property
    def known(self) -> bool:
        """Whether this is an action of our own viewsets."""
        return self.resource is not None and (
            self.flow is not None or self.action in (*READS, *CHANGES, *bulk.BODIES) or self.creates
        )

    @property
    def creates(self) -> bool:
        return self.action == "create" or self.action in getattr(self.view, "creating", {})

    @property
    def changes(self) -> bool:
        return self.action in CHANGES or (self.flow is not None and self.method == "POST")

    @property
    def is_bulk(self) -> bool:
        return self.action in bulk.BODIES

    @property
    def repeatable(self) -> bool:
        """Whether an Idempotency-Key is heeded."""
        return self.method == "POST" and self.action not in getattr(self.view, "reading_actions", ())

    @property
    def types(self) -> Types:
        return Types(self._component)

    def _component(self, name: str, schema: Schema, kind: str = ResolvedComponent.SCHEMA) -> Schema:
        component = ResolvedComponent(name=name, type=kind, schema=schema, object=ComponentIdentity(f"{kind} {name}"))
        self.registry.register_on_missing(component)
        reference: Schema = component.ref
        return reference

    def get_operation_id(self) -> str:
        if self.resource is None:
            return str(super().get_operation_id())
        return f"{self.resource.slug.replace('-', '_')}_{self.action}"

    def get_tags(self) -> list[str]:
        return [self.resource.slug] if self.resource is not None else list(super().get_tags())

    def get_description(self) -> str:  # type: ignore[override]
        if self.flow is None:
            return str(super().get_description())
        if self.method == "GET":
            return _("The history of the %(field)s, oldest first.") % {"field": self.flow.field}
        moves = "; ".join(f"{before} → {', '.join(after) or '–'}" for before, after in self.flow.moves.items())
        return _("Moves the %(field)s as the rules allow: %(moves)s.") % {"field": self.flow.field, "moves": moves}

    def get_summary(self) -> str | None:
        if self.flow is not None:
            what = _("history") if self.method == "GET" else _("move")
            return f"{self.flow.field}: {what}"
        return self.get_description().split(".")[0] if self.known else super().get_summary()

    def map_parsers(self) -> list[Any]:
        """A form only where there is a file to send."""
        if not self.known:
            return list(super().map_parsers())
        serializer = self.get_request_serializer()
        has_file = any(isinstance(field, serializers.FileField) for field in serializer().fields.values())
        return ["application/json", "multipart/form-data"] if has_file else ["application/json"]

    def get_request_serializer(self) -> Any:
        if not self.known:
            return super().get_request_serializer()
        if self.flow is not None:
            return move_serializer(self.resource.model, self.flow)
        view: Any = self.view
        actions = {
            "archive": ReasonSerializer, "restore": EmptySerializer, "merge": MergeSerializer,
            "unmerge": UnmergeSerializer, **bulk.BODIES, **getattr(view, "creating", {}),
        }  # fmt: skip
        return actions.get(self.action) or view.get_serializer_class()

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        if isinstance(field, serializers.ChoiceField) and (shared := self.types.serializer_choice(field)) is not None:
            meta = self._get_serializer_field_meta(field, direction)
            return {**shared, **{name: value for name, value in meta.items() if name != "nullable"}}
        return super()._map_serializer_field(field, direction, bypass_extensions)

    def _insert_field_validators(self, field: Any, schema: Schema) -> None:
        super()._insert_field_validators(field, schema)
        if "oneOf" in schema:  # an empty text is also valid for validators that do not assert formats
            schema["anyOf"] = schema.pop("oneOf")

    def _get_parameters(self) -> list[Schema]:
        return [*self._own_parameters(), *([_idempotency_key()] if self.repeatable else [])]

    def _own_parameters(self) -> list[Schema]:
        if not self.known:
            return list(super()._get_parameters())
        if self.action == "list":
            return [*self._filters(), *self._list_parameters()]
        parameters = [] if self.creates or self.is_bulk else [_ID]
        if self.changes:
            parameters.append(_if_match())
        if self.action == "retrieve" and issubclass(self.resource.model, Record):
            parameters.append(_if_none_match())
        return parameters

    def _filters(self) -> list[Schema]:
        # An instance has its own copies of the filters; looking at those of the class would fix their choices.
        filterset = self.resource.filterset(None, queryset=self.resource.model._default_manager.none())
        found = [self.types.filters(name, declared) for name, declared in filterset.filters.items()]
        return [parameter for parameters in found for parameter in parameters]

    def _list_parameters(self) -> list[Schema]:
        names = [sign + name for name in self.resource.order_fields for sign in ("", "-")]
        codes = [column.code for column in self.resource.columns.all]
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE, "default": DEFAULT_SIZE}
        formats = {"type": "string", "enum": list(FORMATS), "default": "json"}
        return [
            _listed("ordering", names, _("Order, “-” for descending. Empty values come last.")),
            _listed("fields", codes, _("Only these fields, in this order.")),
            query("page_size", size, _("Records on a page. Exports are always complete.")),
            query("cursor", {"type": "string"}, _("Where a page begins: taken from “next” and “previous”.")),
            query("format", formats, _("A page, or all as a file.")),
            query("headers", {"type": "string", "enum": list(HEADERS), "default": "labels"}, _("Headings of a file.")),
        ]

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        if not self.known:
            found = super()._get_response_bodies(direction)
            return found | self._problems([400, 401, 403, 404, 429, *([409, 422] if self.repeatable else [])])
        responses = {"201" if self.creates else "200": self._success()}
        if self.action == "retrieve" and issubclass(self.resource.model, Record):
            responses["304"] = {"description": _("You have this version already.")}
        if self.method == "GET" and self.action != "list" and issubclass(self.resource.model, Mergeable):
            responses["301"] = _moved()
        return responses | self._problems(self._failures())

    def _problems(self, statuses: list[int]) -> Schema:
        return {str(status): self._problem(status) for status in statuses}

    def _failures(self) -> list[int]:
        found = [400, 401, 403, 429]
        if self.method == "GET":
            return found if self.action == "list" else [*found, 404]
        found += [409, 413, 415] if self.creates or self.is_bulk else [404, 409, 412, 413, 415, 428]
        return [*found, *([412] if self.is_bulk else []), *([422] if self.repeatable else [])]

    def _problem(self, status: int) -> Schema:
        name, kind = RESPONSES[status]
        content = {problems.MEDIA_TYPE: {"schema": self._component("Problem", PROBLEM)}}
        response = {"description": str(kind.title), "content": content}
        return self._component(name, response, ResolvedComponent.RESPONSE)

    def _success(self) -> Schema:
        name, columns = resource_name(self.resource), self.resource.columns
        if self.action == "list":
            content = {"application/json": self.types.page(name, columns), **FILES}
            return _response(_("A page of records, or all as a file."), content)
        if self.is_bulk:
            return _response(_("The new versions."), {"application/json": _results(VERSION)})
        if self.action == "history":
            entries = _results(self._component("HistoryEntry", HISTORY))
            return _response(_("Newest first."), {"application/json": entries})
        if self.action == "merges":
            return _response(_("Newest first."), {"application/json": _results(self._component("Merge", MERGE))})
        if self.flow is not None and self.action == plural(self.flow.field):
            row = self.types.record(change_model(self.resource.model, self.flow).__name__, self._changes())
            return _response(_("Oldest first."), {"application/json": _results(row)})
        response = _response(_("The record."), {"application/json": self.types.record(name, columns)})
        if issubclass(self.resource.model, Record):
            response["headers"] = {"ETag": {"schema": {"type": "string"}, "description": _("The version.")}}
        return response

    def _changes(self) -> Any:
        return change_columns(self.resource.model, self.flow)


_ID = {"in": "path", "name": "id", "required": True, "schema": {"type": "integer", "minimum": 1}}


def _moved() -> Schema:
    moved = _response(_("Merged into another record, whose address is in Location."), {"application/json": MERGED})
    return {**moved, "headers": {"Location": {"schema": {"type": "string", "format": "uri"}}}}


def _if_match() -> Schema:
    text = _("The ETag of the record as it was read; “*” overwrites whatever is there.")
    return {"in": "header", "name": "If-Match", "required": True, "schema": {"type": "string"}, "description": text}


def _idempotency_key() -> Schema:
    text = _(
        "A text of your choice, such as a UUID. Sent again with the same body, the request is not carried out again: "
        "the first answer is repeated, with the header %(header)s."
    ) % {"header": REPLAYED}
    schema = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]([ -~]*[!-~])?$"}
    return {"in": "header", "name": HEADER, "schema": schema, "description": text}


def _if_none_match() -> Schema:
    text = _("An ETag that you have: the answer is 304 if it is still the version.")
    return {"in": "header", "name": "If-None-Match", "schema": {"type": "string"}, "description": text}


def _listed(name: str, values: list[str], description: str) -> Schema:
    schema = {"type": "array", "items": {"type": "string", "enum": values}}
    return {**query(name, schema, description), "style": "form", "explode": False}


def _results(row: Schema) -> Schema:
    return {"type": "object", "properties": {"results": {"type": "array", "items": row}}, "required": ["results"]}


def _response(description: str, content: dict[str, Schema]) -> Schema:
    return {"description": description, "content": {kind: {"schema": schema} for kind, schema in content.items()}}
