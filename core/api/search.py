"""The search over everything (`core.global_search`) for programs."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from core.admin.links import record_url
from core.api.base import ApiView
from core.api.parameters import invalid, refuse_unknown
from core.global_search import LONGEST_QUERY, find


class HitSerializer(serializers.Serializer[Any]):
    """A record that was found."""

    kind = serializers.CharField(help_text="The list that it is on: /api/v1/<kind>/<id>/.")
    id = serializers.IntegerField()
    reference = serializers.CharField()
    name = serializers.CharField()
    detail = serializers.CharField(help_text="What tells it apart from others of the same name.")
    url = serializers.URLField(help_text="Its page for staff.")


class HitsSerializer(serializers.Serializer[Any]):
    results = HitSerializer(many=True)


QUERY = OpenApiParameter(
    "q", OpenApiTypes.STR, required=True, description="Words, a number, a phone number, an address."
)


class SearchView(ApiView):
    """What is found by `?q=` in your reach, kind by kind, the best of each."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="search", parameters=[QUERY], responses={200: HitsSerializer})
    def get(self, request: Any) -> Response:
        """Current records of every kind by their names in any script: at most five of each, best first."""
        refuse_unknown(request.query_params, ["q", "format"])
        text = request.query_params.get("q", "")
        if not text.strip():
            raise invalid("q", _("Say what to look for."), "required")
        if len(text) > LONGEST_QUERY:
            raise invalid("q", _("Use at most %(most)s characters.") % {"most": LONGEST_QUERY}, "max_length")
        hits = [_hit(request, group, record) for group in find(request.user, text) for record in group.records]
        return Response({"results": hits})


def _hit(request: Any, group: Any, record: Any) -> dict[str, Any]:
    return {
        "kind": group.resource.slug,
        "id": record.pk,
        "reference": record.reference,
        "name": str(record),
        "detail": record.detail,
        "url": request.build_absolute_uri(record_url(record)),
    }
