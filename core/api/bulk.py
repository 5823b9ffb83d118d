"""Changes to many records in one request: all of them or none."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from core.api.fields import LARGEST_ID
from core.api.serializers import ReasonSerializer, StrictSerializer, refusal
from core.bulk import MOST, Wanted, change_many


class WantedSerializer(StrictSerializer):
    """A record, in the version in which it was read."""

    id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    version = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


class BulkSerializer(StrictSerializer):
    """The records that an action is about."""

    records = serializers.ListField(child=WantedSerializer(), allow_empty=False, max_length=MOST)


class BulkReasonSerializer(BulkSerializer, ReasonSerializer):
    """The records to archive, and why."""


class BulkChangeSerializer(BulkSerializer):
    """The records to change, and the fields that they all get."""

    changes = serializers.DictField(allow_empty=False)


BODIES: dict[str, type[BulkSerializer]] = {
    "bulk_change": BulkChangeSerializer,
    "bulk_archive": BulkReasonSerializer,
    "bulk_restore": BulkSerializer,
}


class BulkActions:
    """`POST <slug>/bulk/change/`, `…/bulk/archive/`, `…/bulk/restore/`."""

    resource: ClassVar[Any]
    request: Any

    @action(detail=False, methods=["post"], url_path="bulk/change")
    def bulk_change(self: Any, request: Any) -> Response:
        """Gives up to 500 records the same values in some fields; if one cannot have them, none is changed."""
        self.refuse_parameters()
        changes = self.body(BulkChangeSerializer)["changes"]
        self._refuse_parts(changes)
        return self._bulk("change", lambda record: self.save_record(record, changes, partial=True))

    @action(detail=False, methods=["post"], url_path="bulk/archive")
    def bulk_archive(self: Any, request: Any) -> Response:
        """Takes up to 500 records out of lists, with a reason; all of them or none."""
        self.refuse_parameters()
        reason = self.body(BulkReasonSerializer)["reason"]
        return self._bulk("archive", lambda record: record.archive(reason))

    @action(detail=False, methods=["post"], url_path="bulk/restore")
    def bulk_restore(self: Any, request: Any) -> Response:
        """Brings up to 500 archived records back; all of them or none."""
        self.refuse_parameters()
        self.body(BulkSerializer)
        return self._bulk("restore", lambda record: record.restore())

    def _bulk(self, action: str, change: Callable[[Any], object]) -> Response:
        wanted = [Wanted(item["id"], item["version"]) for item in self.request.data["records"]]
        changed = change_many(self.resource, self.request.user, action, wanted, change)
        return Response({"results": [{"id": record.pk, "version": record.version} for record in changed]})

    def seen_now(self: Any, body: Any) -> Any:
        """Of many, those that are still in the caller's sight."""
        if "results" not in body:
            return super().seen_now(body)  # type: ignore[misc]
        pks = [row["id"] for row in body["results"]]
        seen = set(self.resource.all(self.request.user, "view").filter(pk__in=pks).values_list("pk", flat=True))
        return {"results": [row for row in body["results"] if row["id"] in seen]}

    def _refuse_parts(self: Any, changes: dict[str, Any]) -> None:
        parts = self.get_serializer_class().parts
        refused = {name: [refusal(_("Parts are changed on one record at a time."), "parts")] for name in parts}
        if found := {name: errors for name, errors in refused.items() if name in changes}:
            raise serializers.ValidationError({"changes": found})
