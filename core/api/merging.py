"""Two records made one, and taken apart again; and the address of a merged record, which leads on."""

from typing import Any, ClassVar

import orjson
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from core import access, merging
from core.api import problems
from core.api.fields import LARGEST_ID
from core.api.permissions import reach
from core.api.serializers import StrictSerializer
from core.merges import Merge, with_merged
from core.unmerging import unmerge

NOT_MERGED = _("No record with the id %(pk)s was merged into this one, or that has been undone.")
UNKNOWN = _("There is no record with the id %(pk)s that you can reach.")


class MergeSerializer(StrictSerializer):
    """The record that is merged into the one of the address, in the version that was read, and by field whose value
    wins: `kept`, that of the address, or `other`. Without a say the kept one's, or the other's where that is empty."""

    other = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    version = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    winners = serializers.DictField(child=serializers.ChoiceField([merging.KEPT, merging.OTHER]), required=False)


class UnmergeSerializer(StrictSerializer):
    """The record that was merged into the one of the address."""

    other = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


class MergeActions:
    """Mixin of viewsets: `POST <slug>/<id>/merge/`, `…/unmerge/`, `GET …/merges/`."""

    resource: ClassVar[Any]
    request: Any
    # Whoever merges takes a record out of the lists, and must be allowed to change both besides.
    access_actions: ClassVar[dict[str, str]] = {"merge": "archive", "unmerge": "archive", "merges": "view"}

    @action(detail=True, methods=["post"])
    def merge(self: Any, request: Any, pk: str) -> Any:
        """Makes one record of two: this one stays, with all that points at the other. Can be undone as a whole."""
        return self.write(pk, "archive", self._merge)

    def _merge(self: Any, record: Any) -> None:
        body = self.body(MergeSerializer)
        other, versions = body["other"], {record.pk: record.version, body["other"]: body["version"]}
        if other == record.pk:
            raise ValidationError({"other": ValidationError(merging.ITSELF, "itself")})
        try:
            model, winners = self.resource.model, body.get("winners")
            merging.merge(self.request.user, model, record.pk, other, winners=winners, versions=versions)
        except LookupError:
            raise ValidationError({"other": ValidationError(UNKNOWN, "does_not_exist", {"pk": other})}) from None

    @action(detail=True, methods=["post"])
    def unmerge(self: Any, request: Any, pk: str) -> Any:
        """Undoes a merge into this record, as a whole, or says what was done since that stands in the way."""
        return self.write(pk, "archive", self._unmerge)

    def _unmerge(self: Any, record: Any) -> None:
        other = self.body(UnmergeSerializer)["other"]
        done = Merge.standing(record, other)
        if done is None:
            raise ValidationError({"other": ValidationError(NOT_MERGED, "not_merged", {"pk": other})})
        unmerge(self.request.user, done, version=record.version)

    @action(detail=True)
    def merges(self: Any, request: Any, pk: str) -> Response:
        """What was merged into this record, by whom and when, newest first; undone merges too."""
        self.refuse_parameters()
        record = reach(self.resource, request.user, pk, "view")
        done = list(Merge.into(record))
        others = with_merged(self.resource.model).in_bulk({merge.merged for merge in done})
        return Response({"results": [_row(merge, others.get(merge.merged)) for merge in done]})

    def handle_exception(self: Any, exc: Exception) -> Any:
        """A merged record is not found any more; whoever asks for it learns where it is."""
        merged = self._merged() if isinstance(exc, Http404) else None
        return super().handle_exception(exc) if merged is None else self._elsewhere(merged)  # type: ignore[misc]

    def _merged(self: Any) -> Any:
        pk = str(self.kwargs.get("pk", ""))
        if not pk.isdigit() or len(pk) > 18:
            return None
        reached = access.scoped(self.request.user, with_merged(self.resource.model))
        return reached.filter(pk=pk, merged_into__isnull=False).first()

    def _elsewhere(self: Any, record: Any) -> HttpResponse:
        address = self.request.get_full_path().replace(f"/{self.kwargs['pk']}", f"/{record.merged_into_id}", 1)
        location = {"Location": self.request.build_absolute_uri(address)}
        if self.request.method not in ("GET", "HEAD"):
            return problems.problem(problems.MERGED, headers=location, merged_into=record.merged_into_id)
        body = orjson.dumps({"id": record.pk, "merged_into": record.merged_into_id})
        return HttpResponse(body, status=301, content_type="application/json", headers=location)


def _row(merge: Merge, other: Any) -> dict[str, Any]:
    return {
        "other": merge.merged,
        "other_display": str(other or ""),
        "at": merge.created_at,
        "by": merge.created_by_id,
        "by_name": str(merge.created_by or ""),
        "undone_at": merge.undone_at,
        "undone_by": merge.undone_by_id,
        "undone_by_name": str(merge.undone_by or ""),
    }
