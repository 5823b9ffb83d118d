"""The views of a resource. A subclass names its resource; everything else follows from the declaration."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import Serializer
from rest_framework.viewsets import ViewSetMixin

from core import history
from core.api import bulk
from core.api.base import ApiView
from core.api.flows import add_flow_actions
from core.api.idempotency import without_unseen_links
from core.api.pagination import envelope, read_page
from core.api.parameters import ListRequest, one_of, refuse_unknown
from core.api.permissions import EXPORT_FORMATS, reach
from core.api.preconditions import etag, is_known, require_match
from core.api.problems import InvalidParameters
from core.api.serializers import EmptySerializer, ReasonSerializer, RecordSerializer, serializer_for
from core.columns import Column
from core.exports import export_response
from core.records import Record
from core.resources import Resource
from core.stages import Flow


class ReadOnlyResourceViewSet(ViewSetMixin, ApiView):
    """List, file and single records of a resource."""

    resource: ClassVar[Resource]
    access_actions: ClassVar[dict[str, str]] = {}
    lookup_value_regex = "[0-9]+"

    def list(self, request: Any) -> Any:
        """The records in your reach that the filters leave, page by page; with `format` all of them as a file."""
        asked = ListRequest.read(self.resource, request.query_params)
        queryset = self._filtered("export" if asked.format in EXPORT_FORMATS else "view")
        if asked.format in EXPORT_FORMATS:
            queryset = self.resource.ordered(queryset, asked.names)
            return export_response(request, self.resource, queryset, asked.columns, asked.format, asked.headers)
        page = read_page(queryset, request.user, asked.columns, asked.order, asked.size, asked.cursor)
        return Response(envelope(request, page, asked.order))

    def retrieve(self, request: Any, pk: str) -> Any:
        """One record with all its fields and parts."""
        self.refuse_parameters()
        return self.answer(self.resource.all(request.user, "view").filter(pk=pk))

    def refuse_parameters(self) -> None:
        refuse_unknown(self.request.query_params, ["format"])
        one_of(self.request.query_params, "format", ("json",))

    def _filtered(self, action: str) -> Any:
        try:
            return self.resource.filtered(self.request, self.request.query_params, action)
        except ValidationError as error:
            raise InvalidParameters(error.error_dict) from None

    def answer(self, queryset: Any, status: int = 200) -> HttpResponse | Response:
        """The one record of the queryset as it is shown, with its ETag. Raises Http404 if there is none."""
        columns = self.resource.columns.all
        versioned = issubclass(queryset.model, Record)
        extra = [Column("@version", "", paths=("version",))] if versioned else []
        found = next(self.resource.columns.records(queryset, self.request.user, [*columns, *extra]), None)
        if found is None:
            raise Http404
        pk, row = found
        if not versioned:
            return Response(row, status)
        return self._versioned(pk, row, row.pop("@version"), status)

    def _versioned(self, pk: Any, row: dict[str, Any], version: int, status: int) -> HttpResponse | Response:
        headers = {"ETag": etag(version)}
        if status == 201:
            headers["Location"] = self.address(pk)
        if self.request.method in ("GET", "HEAD") and is_known(self.request, version):
            return HttpResponse(status=304, headers=headers)
        return Response(row, status, headers=headers)

    def seen_now(self, body: Any) -> Any:
        """Raises Http404 where the record has gone out of the caller's sight."""
        if not self.resource.all(self.request.user, "view").filter(pk=body["id"]).exists():
            raise Http404
        return without_unseen_links(self.resource.columns, body, self.request.user)

    def address(self, pk: Any) -> str:
        return f"{reverse(f'{self.resource.slug}-detail', [pk], request=self.request).rstrip('/')}/"


class RecordViewSet(bulk.BulkActions, ReadOnlyResourceViewSet):
    """Everything that can be done with the records of a resource.

    The body that is accepted follows from the columns of the resource; name a `serializer_class` to accept another.
    """

    serializer_class: ClassVar[type[RecordSerializer] | None] = None
    creating: ClassVar[dict[str, type[Serializer[Any]]]] = {}  # further actions that make a record, and their bodies
    flows: ClassVar[dict[str, Flow]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if hasattr(cls, "resource"):
            add_flow_actions(cls)

    @classmethod
    def get_serializer_class(cls) -> type[RecordSerializer]:
        return cls.serializer_class or serializer_for(cls.resource)

    def create(self, request: Any) -> Any:
        """Adds a record."""
        self.refuse_parameters()
        with transaction.atomic():
            record = self._save(None)
            stored = self._stored(record.pk)
            if not self.resource.all(request.user, "add").filter(pk=record.pk).exists():
                raise ValidationError(_("You could not reach this record yourself. Check station and owner."), "reach")
            return self.answer(stored, 201)

    def update(self, request: Any, pk: str) -> Any:
        """Stores the fields of the body; needs If-Match. Parts and links that are given replace those there were."""
        return self.write(pk, "change", self._save)

    def partial_update(self, request: Any, pk: str) -> Any:
        """Changes the fields given and no others; needs If-Match."""
        return self.write(pk, "change", self._save)

    @action(detail=True, methods=["post"])
    def archive(self, request: Any, pk: str) -> Any:
        """Takes the record out of lists, with a reason; nothing that refers to it is lost."""
        return self.write(pk, "archive", lambda record: record.archive(**self.body(ReasonSerializer)))

    @action(detail=True, methods=["post"])
    def restore(self, request: Any, pk: str) -> Any:
        """Brings an archived record back."""
        return self.write(pk, "restore", lambda record: record.restore(**self.body(EmptySerializer)))

    @action(detail=True)
    def history(self, request: Any, pk: str) -> Response:
        """Who changed what and when: the newest 200 entries on the record and its parts."""
        self.refuse_parameters()
        entries = history.readable(request.user, reach(self.resource, request.user, pk, "view"))
        return Response({"results": [_history_row(entry) for entry in entries]})

    def body(self, serializer_class: Any) -> dict[str, Any]:
        """The checked body of an action. Raises ValidationError by field."""
        serializer = serializer_class(data=self.request.data, context={"request": self.request, "view": self})
        serializer.is_valid(raise_exception=True)
        checked: dict[str, Any] = serializer.validated_data
        return checked

    def write(self, pk: str, action: str, change: Callable[[Any], Any]) -> Any:
        """Changes a record that the caller reaches and has read in its present version, as one transaction."""
        self.refuse_parameters()
        with transaction.atomic():
            record = reach(self.resource, self.request.user, pk, action)
            require_match(self.request, record)
            change(record)
            return self.answer(self._stored(record.pk))

    def _save(self, record: Any) -> Any:
        return self.save_record(record, self.request.data, partial=self.request.method == "PATCH")

    def save_record(self, record: Any, data: Any, *, partial: bool) -> Any:
        """Checks and stores a body. Raises ValidationError by field."""
        context = {"request": self.request, "view": self}
        serializer = self.get_serializer_class()(record, data=data, partial=partial, context=context)
        serializer.is_valid(raise_exception=True)
        return serializer.save()

    def _stored(self, pk: Any) -> Any:
        # Not scoped: who hands a record over still sees once what was stored. But it must not leave the resource.
        self.resource.refuse_outside([pk])
        return self.resource.model._base_manager.filter(pk=pk)


def _history_row(entry: history.Entry) -> dict[str, Any]:
    shown = ("id", "at", "by", "by_name", "action", "object")
    return {name: getattr(entry, name) for name in shown} | {"changes": [asdict(change) for change in entry.changes]}
