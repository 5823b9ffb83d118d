"""axe-core finds nothing serious or critical on any page of the staff site, light and dark, on a screen and a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.urls import reverse

from core.admin.scoped import ScopedAdmin

pytestmark = pytest.mark.e2e

GRAVE = {"serious", "critical"}
PAGES = ("index", "figures", "today", "search", "sessions", "password_change", "design")
WAYS = [(1400, False), (390, True)]


def lists():
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model, page in admin.site._registry.items()
        if isinstance(page, ScopedAdmin)
    ]


def findings(page):
    """The rules that are broken gravely, each with the elements that break it."""
    page.emulate_media(reduced_motion="reduce")  # colours are measured when nothing moves any more
    page.wait_for_load_state("networkidle")
    broken = Axe().run(page).response["violations"]
    return {
        rule["id"]: [node["html"][:160] for node in rule["nodes"][:3]] for rule in broken if rule["impact"] in GRAVE
    }


@pytest.mark.parametrize(("width", "dark"), WAYS)
def test_frame_and_lists(sign_in, site, width, dark):
    page, found = sign_in("director", "en", width, dark), {}
    for address in [*(reverse(f"admin:{name}") for name in PAGES), *lists()]:
        page.goto(f"{site.url}{address}")
        if broken := findings(page):
            found[address] = broken
    assert found == {}


@pytest.mark.parametrize(("width", "dark"), WAYS)
def test_what_opens_over_a_page(sign_in, site, width, dark):
    page, found = sign_in("tokyo", "ja", width, dark), {}
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette [data-palette-commands] .palette-item")
    found["palette"] = findings(page)
    page.keyboard.type("日本")
    page.wait_for_selector("[data-palette-found] .palette-item")
    found["palette with records"] = findings(page)
    page.keyboard.press("Escape")
    page.locator(".quick-add > summary").click()
    found["quick add"] = findings(page)
    page.locator(".user-menu > summary").click()
    found["user menu"] = findings(page)
    page.keyboard.press("Escape")
    if width < 1024:
        page.locator(".topbar [data-toggle-sidebar]").click()
        found["drawer"] = findings(page)
    assert {name: broken for name, broken in found.items() if broken} == {}


@pytest.mark.parametrize("dark", [False, True])
def test_the_login(site, browser, dark):
    context = browser.new_context(color_scheme="dark" if dark else "light")
    page = context.new_page()
    page.goto(f"{site.url}/admin/login/")
    assert findings(page) == {}
    page.fill("[name=username]", "nobody")
    page.fill("[name=password]", "wrong")
    page.press("[name=password]", "Enter")
    assert findings(page) == {}
    context.close()
