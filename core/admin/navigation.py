"""The sidebar: pages grouped by work, not by app. Apps name their groups; admin classes say where they belong."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst


@dataclass(frozen=True)
class Group:
    slug: str
    title: Any
    order: int


@dataclass(frozen=True)
class Nav:
    """Where an admin class stands in the sidebar. `quick_add` offers it among the start page's shortcuts."""

    group: str
    order: int
    icon: str
    quick_add: bool = False


_groups: dict[str, Group] = {}


def group(slug: str, title: Any, order: int) -> str:
    _groups[slug] = Group(slug, title, order)
    return slug


def _shown(site: Any, request: Any) -> Iterable[Any]:
    for model_admin in site._registry.values():
        if getattr(model_admin, "nav", None) and model_admin.has_view_permission(request):
            yield model_admin


def sidebar(site: Any, request: Any) -> list[dict[str, Any]]:
    """The groups that this user has pages in, each with its items."""
    items: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for model_admin in _shown(site, request):
        meta = model_admin.model._meta
        url = reverse(f"{site.name}:{meta.app_label}_{meta.model_name}_changelist")
        item = {
            "label": capfirst(model_admin.nav_label or meta.verbose_name_plural),
            "url": url,
            "icon": model_admin.nav.icon,
            "current": request.path.startswith(url),
        }
        items.setdefault(model_admin.nav.group, []).append((model_admin.nav.order, item))
    return [
        {
            "title": g.title,
            "slug": g.slug,
            "items": [item for _order, item in sorted(items[g.slug], key=lambda i: i[0])],
        }
        for g in sorted(_groups.values(), key=lambda g: g.order)
        if g.slug in items
    ]


def place(nav: Nav) -> tuple[int, int]:
    """Sorts pages as they stand in the sidebar."""
    return _groups[nav.group].order, nav.order


def quick_adds(site: Any, request: Any) -> list[dict[str, Any]]:
    """Shortcuts to the forms for new records that this user may make."""
    found = []
    for model_admin in _shown(site, request):
        meta = model_admin.model._meta
        if model_admin.nav.quick_add and model_admin.has_add_permission(request):
            url = reverse(f"{site.name}:{meta.app_label}_{meta.model_name}_add")
            found.append((model_admin.nav, {"label": meta.verbose_name, "url": url, "icon": model_admin.nav.icon}))
    found.sort(key=lambda pair: place(pair[0]))
    return [item for _nav, item in found]
