"""The OpenAPI document and its reading page, for everybody who may call the API at all."""

from functools import cache
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from core.api.base import ApiView


@cache
def document(language: str) -> dict[str, Any]:
    """The same for all readers of a language, and a second's work: made once per process."""
    with translation.override(language):
        found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


class SchemaView(ApiView):
    """The OpenAPI document of this API: JSON, or YAML for `Accept: application/vnd.oai.openapi`."""

    content_negotiation_class = DefaultContentNegotiation
    renderer_classes = [OpenApiJsonRenderer, OpenApiYamlRenderer]
    permission_classes = [IsAuthenticated]

    @extend_schema(exclude=True)
    def get(self, request: Any) -> Response:
        return Response(document(translation.get_language() or "en"))


class DocumentationView(SpectacularSwaggerSplitView):
    """Swagger UI, for people: who is not signed in is asked to."""

    http_method_names = ["get", "head"]
    permission_classes = [IsAuthenticated]
    template_name = "api/documentation.html"
    url_name = "schema"

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, NotAuthenticated):
            return redirect_to_login(self.request.get_full_path())
        return super().handle_exception(exc)
