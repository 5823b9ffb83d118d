"""Addresses of the API, with and without the final slash; the documented form has it."""

from collections.abc import Iterable
from typing import Any

from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

from core.api import problems
from core.api.base import ApiView
from core.api.views import ReadOnlyResourceViewSet


class Router(SimpleRouter):
    """Collects viewsets under the slugs of their resources."""

    def __init__(self) -> None:
        super().__init__(trailing_slash=True)
        self.trailing_slash = "/?"

    def add(self, viewsets: Iterable[type[ReadOnlyResourceViewSet]]) -> None:
        for viewset in viewsets:
            self.register(viewset.resource.slug, viewset, basename=viewset.resource.slug)

    def slugs(self) -> list[str]:
        return [prefix for prefix, _viewset, _basename in self.registry]


ADDRESSES = {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}


class RootView(ApiView):
    """The addresses of all lists."""

    permission_classes = [IsAuthenticated]
    slugs: Iterable[str] = ()

    @extend_schema(operation_id="root", responses={200: ADDRESSES})
    def get(self, request: Any) -> Response:
        """The addresses of all lists."""
        return Response({slug: f"{reverse(f'{slug}-list', request=request).rstrip('/')}/" for slug in self.slugs})


@csrf_exempt
def unknown_address(request: Any, **kwargs: Any) -> Any:
    """Says so in the API's own words, whoever asks."""
    return problems.problem(problems.NOT_FOUND)


UNKNOWN = re_path("", unknown_address)
