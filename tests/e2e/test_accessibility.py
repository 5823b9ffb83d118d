"""Every page of the staff site, and what opens over it, from a wide screen to a phone, light and dark, in three
languages: axe-core finds nothing serious or critical, nothing scrolls sideways, the console is quiet."""

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
QUERIES = (
    "/admin/search/?q=日本",
    "/admin/search/?q=qqqqqqq",
    "/admin/calendar/?view=week",
    "/admin/calendar/?view=agenda",
    "/admin/calendar/?on=2019-07-02",
    "/admin/crm/lead/?stage=contacted&search=工場",
    "/admin/crm/lead/?stage=nonsense",
    "/admin/crm/organization/add/?_popup=1",
    "/admin/crm/lead/5/?kind=talks",
    "/admin/crm/lead/5/archive/",
    "/admin/crm/lead/5/move/stage/disqualified/",
)
MODELS = ("/admin/crm/organization/", "/admin/crm/lead/", "/admin/events/event/", "/admin/projects/project/",
          "/admin/core/apitoken/")  # fmt: skip


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


def visits(page, site, language):
    """(address, width, dark): over all languages each kind of page comes in each width and in both themes. Records of
    further models, whose pages are of the same kinds, come in one."""
    named = [reverse(f"admin:{name}") for name in PAGES]
    behind = {address: pages_behind(page, site, address) for address in lists()}
    in_full = [found for address in behind if address in MODELS for found in behind[address]]
    for number, address in enumerate([*named, *QUERIES, *behind, *in_full]):
        for turn, width in enumerate(WIDTHS, number):
            if LANGUAGES[turn % 3] == language:
                yield address, width, bool(turn % 2)
    further = [found for address in behind if address not in MODELS for found in behind[address]]
    for number, address in enumerate(further):
        if LANGUAGES[number // 3 % 3] == language:
            yield address, WIDTHS[number % 3], bool(number % 2)


def settled(page):
    """Colours are measured when nothing moves any more and what comes beside the page is there."""
    page.wait_for_load_state()
    until(page, "!document.querySelector('[aria-busy=true]')")


def findings(page):
    """The rules that are broken gravely, each with elements that break it; and whether a phone scrolls sideways."""
    broken = Axe().run(page, options=ONLY_VIOLATIONS).response["violations"]
    found = {
        rule["id"]: [node["html"][:160] for node in rule["nodes"][:3]] for rule in broken if rule["impact"] in GRAVE
    }
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found["scrolls sideways"] = page.viewport_size["width"]
    return found


def show(page, width, dark):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page(sign_in, site, language):
    page, found = sign_in("director", language), {}
    for address, width, dark in visits(page, site, language):
        show(page, width, dark)
        assert page.goto(f"{site.url}{address}").status == 200, address
        settled(page)
        if broken := findings(page):
            found[address, width, "dark" if dark else "light"] = broken
    assert found == {}


def test_error_pages_and_popups(sign_in, site, complaints):
    page, found = sign_in("tokyo", "zh-hans", 390, dark=True), {}
    for address in ("/nothing/", "/admin/crm/lead/999999999/", "/admin/core/exportlog/add/"):
        page.goto(f"{site.url}{address}")
        found[address] = findings(page)
    assert {address: broken for address, broken in found.items() if broken} == {}
    # The browser itself reports every answer of 403 and 404.
    assert [text for text in complaints if "Failed to load resource" not in text] == []
    complaints.clear()


class Looks(dict):
    """What is found on parts that open over a page, each looked at light and dark."""

    def look(self, page, name):
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            settled(page)
            if broken := findings(page):
                self[name, theme] = broken


WAYS = pytest.mark.parametrize(("width", "language"), [(1400, "zh-hans"), (1024, "ja"), (390, "en")])


@WAYS
def test_what_opens_over_every_page(sign_in, width, language):
    page, looks = sign_in("tokyo", language, width), Looks()
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette [data-palette-commands] .palette-item")
    looks.look(page, "palette")
    page.keyboard.type("日本")
    page.wait_for_selector("[data-palette-found] .palette-item")
    looks.look(page, "palette with records")
    page.keyboard.press("Escape")
    page.locator(".quick-add > summary").click()
    looks.look(page, "quick add")
    page.locator(".user-menu > summary").click()
    looks.look(page, "user menu")
    page.keyboard.press("Escape")
    if width < 1024:
        page.locator(".topbar [data-toggle-sidebar]").click()
        looks.look(page, "sidebar")
    assert looks == {}


@WAYS
def test_what_opens_over_a_list(sign_in, site, width, language):
    page, looks = sign_in("tokyo", language, width), Looks()
    page.goto(f"{site.url}/admin/crm/lead/?stage=contacted")
    page.locator("details:has(#view-name) > summary").click()
    looks.look(page, "save view")
    page.fill("#view-name", f"Axe {width}")
    page.locator("form:has(#view-name) button[type=submit]").click()
    page.locator(".view-tabs a", has_text=f"Axe {width}").wait_for()
    looks.look(page, "saved view")
    page.locator(".view-tools summary:has([href$='#more'])").click()
    looks.look(page, "menu of the saved view")
    removal = page.locator("a[href$='/remove/']").get_attribute("href")
    page.goto(f"{site.url}{re.sub('remove/$', 'change/', removal)}")
    looks.look(page, "form of the saved view")
    page.goto(f"{site.url}{removal}")
    looks.look(page, "removal of the saved view")
    page.locator("#content-main button[type=submit]").click()
    page.goto(f"{site.url}/admin/crm/lead/")
    page.locator(".filter-drawer > summary").click()
    looks.look(page, "filter drawer")
    page.goto(f"{site.url}/admin/crm/lead/")
    page.locator("details[data-columns] > summary").click()
    looks.look(page, "columns")
    page.goto(f"{site.url}/admin/crm/lead/")
    if width >= 1024:
        page.locator(".peek-button").first.click()
        page.locator("#peek-title").wait_for()
        looks.look(page, "quick look")
    assert looks == {}


@WAYS
def test_what_opens_over_a_record_and_a_board(sign_in, site, width, language):
    page, looks = sign_in("tokyo", language, width), Looks()
    page.goto(f"{site.url}/admin/crm/lead/5/")
    page.locator("a[data-open=quick-log]").click()
    looks.look(page, "log of a talk")
    page.locator(".page-actions .menu > summary").click()
    looks.look(page, "more actions")
    page.goto(f"{site.url}/admin/crm/lead/add/")
    page.wait_for_load_state("networkidle")
    page.fill("#id_likelihood", "500")
    page.click("[name=_save]")
    page.locator("#form-errors").wait_for()
    looks.look(page, "errors of a form")
    page.fill("#id_likelihood", "50")
    page.locator(".submit-row a").first.click()
    page.locator("#leave-dialog").wait_for()
    looks.look(page, "unsaved changes")
    page.goto(f"{site.url}/admin/crm/lead/board/")
    page.wait_for_selector("#board[data-ready]")
    if width < 1024:
        page.locator("[data-stage-link=contacted]").click()
    page.locator("[data-stage=contacted] [data-card-menu]").first.click()
    looks.look(page, "menu of a card")
    page.get_by_role("menuitem").last.click()
    page.locator(".board-dialog").wait_for()
    looks.look(page, "dialog of a move")
    assert looks == {}


@pytest.mark.parametrize(("width", "locale"), [(1400, "en"), (1024, "zh-CN"), (390, "ja")])
def test_the_login(site, browser, complaints, width, locale):
    context = browser.new_context(locale=locale)
    page, looks = context.new_page(), Looks()
    complaints.listen(page)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site.url}/admin/login/")
    looks.look(page, "login")
    page.fill("[name=username]", "nobody")
    page.fill("[name=password]", "wrong")
    page.press("[name=password]", "Enter")
    page.locator(".errornote").wait_for()
    looks.look(page, "wrong password")
    context.close()
    assert looks == {}
    assert complaints == []
