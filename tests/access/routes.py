"""Every address that the site answers, as the expectations write it: `/admin/crm/lead/<pk>/archive/`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern

from core import resources


@dataclass(frozen=True)
class Route:
    path: str

    @property
    def placeholders(self) -> list[str]:
        return re.findall("<([a-z_]+)>", self.path)

    @property
    def model(self) -> str:
        """Of whose records it is, e.g. `crm.lead`; empty for an address of no model."""
        parts = self.path.split("/")
        if parts[1:2] == ["admin"] and ".".join(parts[2:4]) in _of_pages():
            return ".".join(parts[2:4])
        if parts[1:3] == ["api", "v1"] and parts[3] in resources.everything():
            return resources.get(parts[3]).model._meta.label_lower
        return ""

    @property
    def group(self) -> str:
        """What one test asks about: the pages of a model, a resource of the API, or the rest."""
        parts = self.path.split("/")
        if not self.model:
            return "site"
        return f"pages of {self.model}" if parts[1] == "admin" else f"api {parts[3]}"


def _of_pages() -> set[str]:
    return {model._meta.label_lower for model in admin.site._registry}


def everything() -> list[Route]:
    return [Route(path) for path in dict.fromkeys(_walk(get_resolver().url_patterns, "/"))]


def _walk(patterns: list[URLPattern | URLResolver], start: str) -> Iterator[str]:
    for pattern in patterns:
        path = start + _text(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield path


def _text(pattern: RoutePattern | RegexPattern) -> str:
    if isinstance(pattern, RoutePattern):
        return re.sub("<[a-z]+:", "<", str(pattern))
    text = str(pattern)
    if not text:
        return "<anything>"
    text = text.removeprefix("^").removesuffix("$").replace("/?", "/")
    return re.sub(r"\(\?P<([a-z_]+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", text)


def models_with_pages() -> set[str]:
    return _of_pages() | {resource.model._meta.label_lower for resource in resources.everything().values()}


def exists(model: str) -> bool:
    return any(found._meta.label_lower == model for found in apps.get_models())
