"""Every page of the staff site, and what opens over it, from a wide screen to a phone, light and dark, in three languages:
axe-core finds nothing serious or critical, no phone scrolls sideways, and the console stays quiet (`sign_in` looks)."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.urls import reverse

from core.admin.scoped import ScopedAdmin
from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e

WIDTHS = (1400, 1024, 390)
LANGUAGES = ("en", "zh-hans", "ja")
GRAVE = {"serious", "critical"}
ONLY_VIOLATIONS = {"resultTypes": ["violations"]}
PAGES = ("index", "figures", "today", "search", "sessions", "password_change", "design", "calendar", "calendar_feed",
         "core_user_locks", "core_import_add", "crm_lead_board", "projects_project_board")  # fmt: skip
QUERIES = ("/admin/search/?q=日本", "/admin/search/?q=qqqqqqq", "/admin/calendar/?view=week",
           "/admin/calendar/?view=agenda", "/admin/calendar/?on=2019-07-02", "/admin/crm/lead/?stage=contacted&search=工場",
           "/admin/crm/lead/?stage=nonsense", "/admin/crm/organization/add/?_popup=1", "/admin/crm/lead/5/?kind=talks",
           "/admin/crm/lead/5/archive/", "/admin/crm/lead/5/move/stage/disqualified/")  # fmt: skip


def lists():
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model, page in admin.site._registry.items()
        if isinstance(page, ScopedAdmin)
    ]


def pages_behind(page, site, address):
    """The add form that a list offers, and the pages of its first record: where it is read, its form, its history."""
    text = page.request.get(f"{site.url}{address}").text()
    add = re.findall(rf'href="({address}add/)', text)[:1]
    row = re.search(rf'href="({address}\d+/)(change/)?["?]', text)
    if not row:
        return add
    read = [] if row[2] else [row[1], f"{row[1]}history/"]
    return [*add, *read, f"{row[1]}change/"]


def all_pages(page, site):
    behind = [found for address in lists() for found in pages_behind(page, site, address)]
    return [*(reverse(f"admin:{name}") for name in PAGES), *QUERIES, *lists(), *behind]


def visits(pages, language):
    """(address, width, dark): over all languages each page comes in each width and in both themes."""
    for number, address in enumerate(pages):
        for turn, width in enumerate(WIDTHS, number):
            if LANGUAGES[turn % len(LANGUAGES)] == language:
                yield address, width, bool(turn % 2)


def settled(page):
    """Colours are measured when nothing moves any more and what comes beside the page is there."""
    page.wait_for_load_state()
    until(page, "!document.querySelector('[aria-busy=true]')")


def findings(page):
    """The rules that are broken gravely, each with elements that break it; and whether a phone scrolls sideways."""
    broken = Axe().run(page, options=ONLY_VIOLATIONS).response["violations"]
    found = {rule["id"]: [node["html"][:160] for node in rule["nodes"][:3]] for rule in broken if rule["impact"] in GRAVE}
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found["scrolls sideways"] = page.viewport_size["width"]
    return found


def show(page, width, dark):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page(sign_in, site, language):
    page, found = sign_in("director", language), {}
    for address, width, dark in visits(all_pages(page, site), language):
        show(page, width, dark)
        assert page.goto(f"{site.url}{address}").status == 200, address
        settled(page)
        if broken := findings(page):
            found[address, width, "dark" if dark else "light"] = broken
    assert found == {}
