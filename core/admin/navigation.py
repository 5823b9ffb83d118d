"""The sidebar: pages grouped by work, not by app. Apps name their groups; admin classes say where they belong."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core import access
from core.arms import split
from core.list_plan import counts

# A cookie names the groups that the reader has closed. Read here, so that nothing moves while a page loads.
CLOSED_COOKIE = "closed_groups"
MOST_COUNTED = 999


@dataclass(frozen=True)
class Group:
    """A heading of the sidebar; `closed` until the reader opens it."""

    slug: str
    title: Any
    order: int
    closed: bool = False


@dataclass(frozen=True)
class Nav:
    """Where an admin class stands in the sidebar. `quick_add` offers it among the shortcuts of the top bar;
    `counted` shows how many records there are."""

    group: str
    order: int
    icon: str
    quick_add: bool = False
    counted: bool = False


_groups: dict[str, Group] = {}


def group(slug: str, title: Any, order: int, *, closed: bool = False) -> str:
    _groups[slug] = Group(slug, title, order, closed)
    return slug


@dataclass(frozen=True)
class Page:
    """A page of the sidebar that is no list of a model; `allowed` is asked for the user."""

    url_name: str
    name: Any
    nav: Nav
    allowed: Callable[[Any], bool]


_pages: list[Page] = []


def add_page(page: Page) -> None:
    _pages.append(page)


REPORTS = group("reports", _("Reports"), 80)
SETTINGS = group("settings", _("Settings"), 90, closed=True)


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
        item = _item(request, url, model_admin.nav_label or meta.verbose_name_plural, model_admin.nav)
        item["counted"] = meta.label_lower if model_admin.nav.counted else ""
        items.setdefault(model_admin.nav.group, []).append((model_admin.nav.order, item))
    for page in _pages:
        if page.allowed(request.user):
            item = _item(request, reverse(f"{site.name}:{page.url_name}"), page.name, page.nav)
            items.setdefault(page.nav.group, []).append((page.nav.order, item))
    closed = _closed(request)
    found = []
    for g in sorted(_groups.values(), key=lambda g: g.order):
        if g.slug in items:
            inside = [item for _order, item in sorted(items[g.slug], key=lambda i: i[0])]
            is_open = g.slug not in closed or any(item["current"] for item in inside)
            found.append({"title": g.title, "slug": g.slug, "open": is_open, "items": inside})
    return found


def _closed(request: Any) -> set[str]:
    """The slugs of the groups that are drawn closed."""
    if (remembered := request.COOKIES.get(CLOSED_COOKIE)) is not None:
        return set(remembered.split("."))
    return {g.slug for g in _groups.values() if g.closed}


def numbers(site: Any, request: Any) -> dict[str, str]:
    """How many current records this user reaches, by the model's label, up to `MOST_COUNTED`."""
    found = {}
    for model_admin in _shown(site, request):
        if model_admin.nav.counted:
            model = model_admin.model
            count = sum(counts(split(access.scoped(request.user, model).active()), MOST_COUNTED + 1))
            found[model._meta.label_lower] = capped(count, MOST_COUNTED)
    return found


def capped(count: int, most: int) -> str:
    """A number that was counted up to `most + 1`, in words."""
    return f"{most}+" if count > most else str(count)


def _item(request: Any, url: str, name: Any, nav: Nav) -> dict[str, Any]:
    current = request.path.startswith(url)
    return {"name": name, "label": capfirst(name), "url": url, "icon": nav.icon, "counted": "", "current": current}


def place(nav: Nav) -> tuple[int, int]:
    """Sorts pages as they stand in the sidebar."""
    return _groups[nav.group].order, nav.order


@dataclass(frozen=True)
class Addition:
    """The form for a new record of a kind."""

    name: Any
    url: str
    nav: Nav


def additions(site: Any, request: Any) -> list[Addition]:
    """The forms for new records that this user may make, in the order of the sidebar."""
    found = []
    for model_admin in _shown(site, request):
        if model_admin.has_add_permission(request):
            meta = model_admin.model._meta
            url = reverse(f"{site.name}:{meta.app_label}_{meta.model_name}_add")
            found.append(Addition(meta.verbose_name, url, model_admin.nav))
    return sorted(found, key=lambda addition: place(addition.nav))


def quick_adds(site: Any, request: Any) -> list[dict[str, Any]]:
    """Shortcuts to the forms that are used every day."""
    return [
        {"label": addition.name, "url": addition.url, "icon": addition.nav.icon}
        for addition in additions(site, request)
        if addition.nav.quick_add
    ]
