"""The command palette: the pages that the reader may open, what the reader may do, and the records that are found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from core.admin import navigation
from core.admin.links import record_url
from core.global_search import LONGEST_QUERY, Group, find

PER_KIND = 4


@dataclass(frozen=True)
class Command:
    """One line of the palette. It leads to `url`, presses the page's own control of the name `press`, or sets the
    `theme`; `words` are further words by which it is found."""

    label: str
    icon: str
    url: str = ""
    press: str = ""
    theme: str = ""
    detail: str = ""
    words: str = ""
    lang: str = ""


@dataclass(frozen=True)
class Section:
    slug: str
    title: str
    commands: Sequence[Command]


def palette_view(site: Any, request: HttpRequest) -> HttpResponse:
    """Without `?q=` all commands of the reader, with it the records that are found, as a piece of a page."""
    if "q" in request.GET:
        text = request.GET["q"].strip()[:LONGEST_QUERY]
        sections = [_found(site, group) for group in find(request.user, text, PER_KIND)]
    else:
        made = (_additions(site, request), _places(site, request), _own(request))
        sections = [section for section in made if section.commands]
    response = TemplateResponse(request, "admin/palette.html", {"sections": sections})
    response["Cache-Control"] = "no-store"
    return response


def _additions(site: Any, request: HttpRequest) -> Section:
    commands = [
        Command(_("Add %(name)s") % {"name": item.name}, "plus", item.url, words=_in_english(item.name))
        for item in navigation.additions(site, request)
    ]
    return Section("add", _("Add"), commands)


def _places(site: Any, request: HttpRequest) -> Section:
    commands = [Command(_("Today"), "home", reverse("admin:index"), words="today")]
    for group in navigation.sidebar(site, request):
        for item in group["items"]:
            name = str(item["label"])
            words = _in_english(item["name"])
            commands.append(Command(name, item["icon"], item["url"], detail=str(group["title"]), words=words))
    return Section("go", _("Go to"), commands)


def _own(request: HttpRequest) -> Section:
    return Section("own", _("Settings of your own"), [*_languages(), *_themes(), *_account(request)])


def _languages() -> Iterator[Command]:
    for code, name in settings.LANGUAGES:
        local = get_language_info(code)["name_local"]
        lang = translation.to_locale(code).replace("_", "-")
        words = f"language {_in_english(name)}"
        yield Command(local, "globe", press=f"language-{code}", detail=_("Language"), words=words, lang=lang)


def _themes() -> Iterator[Command]:
    for theme, icon, label in (
        ("light", "sun", _("Light colours")),
        ("dark", "moon", _("Dark colours")),
        ("auto", "auto", _("Colours of the system")),
    ):
        yield Command(label, icon, theme=theme, words=f"theme {theme} mode")


def _account(request: HttpRequest) -> Iterator[Command]:
    user: Any = request.user
    yield Command(_("Show or hide the menu"), "menu", press="sidebar", words="sidebar menu")
    yield Command(_("Where you are signed in"), "lock", reverse("admin:sessions"), words="sessions devices")
    if user.has_usable_password():
        yield Command(_("Change password"), "key", reverse("admin:password_change"), words="password")
    yield Command(_("Log out"), "logout", press="logout", words="log out sign out")


def _found(site: Any, group: Group) -> Section:
    model = group.resource.model
    page = site._registry.get(model)
    icon = page.nav.icon if page is not None and page.nav else "list"
    commands = [
        Command(
            str(record), icon, record_url(record), detail=" · ".join(filter(None, (record.detail, record.reference)))
        )
        for record in group.records
    ]
    return Section(group.resource.slug, str(capfirst(model._meta.verbose_name_plural)), commands)


def _in_english(name: Any) -> str:
    """So that who knows the product in English finds a page on screens of any language."""
    with translation.override("en"):
        return str(name)
