"""Every page of the staff site, in three languages and widths. Nothing on the console, none wider than the screen."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from core.admin.base import RecordAdmin

pytestmark = pytest.mark.e2e


LOGS = ("/exportlog/", "/logentry/", "/signin/", "/core/import/")  # a log has no history of its own


HREFS = "links => links.map(link => link.getAttribute('href'))"


def rows_of(page, address):
    """Where the rows of the list lead: to pages on which records are read, or to their forms."""
    return [row for row in page.locator("#result_list tbody a").evaluate_all(HREFS) if row.startswith(address)]


def addresses(page, site):
    """The pages that the sidebar leads to, each with its add form and its first record."""
    page.goto(f"{site.url}/admin/")
    lists = page.locator("nav a[href^='/admin/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    found = ["/admin/", "/admin/password_change/"]
    for address in dict.fromkeys(lists):
        page.goto(f"{site.url}{address}")
        found.append(address)
        found += page.locator(".page-actions a[href*='/add/']").evaluate_all("a => a.map(x => x.getAttribute('href'))")[
            :1
        ]
        first = rows_of(page, address)[:1]
        found += first
        found += [re.sub(r"/(change/)?$", "/change/", row) for row in first]
        if not any(log in address for log in LOGS):
            found += [re.sub(r"/(change/)?$", "/history/", row) for row in first]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("language", "width", "dark"), [("en", 1400, False), ("ja", 1024, True), ("zh-hans", 390, False)]
)
def test_every_page_is_quiet_and_fits(sign_in, site, complaints, language, width, dark):
    page = sign_in("director", language, width, dark)
    wide = []
    for address in addresses(page, site):
        response = page.goto(f"{site.url}{address}")
        assert response.status == 200, address
        page.wait_for_load_state()
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(address)
    assert wide == []
    assert complaints == []


def registered_pages(page, site):
    """Every page that the admin's registry knows of: lists, forms, and what belongs to the first record of each."""
    found = [reverse(f"admin:{name}") for name in ("index", "sessions", "password_change", "password_change_done")]
    found.append(reverse("admin:core_user_locks"))
    for model, model_admin in admin.site._registry.items():
        prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
        address = reverse(f"{prefix}changelist")
        found += [address, reverse(f"{prefix}add"), f"{address}?q=x&search=x", f"{address}?_popup=1"]
        page.goto(f"{site.url}{address}")
        rows = rows_of(page, address)
        for pk in re.findall(r"/([^/]+)/(?:change/)?$", rows[0] if rows else ""):
            names = [
                "change",
                "history",
                "delete",
                *(["read", "archive", "restore"] if isinstance(model_admin, RecordAdmin) else []),
            ]
            found += [reverse(f"{prefix}{name}", args=[pk]) for name in names]
            page.goto(f"{site.url}{rows[0]}")
            moves = page.locator("a[href*='/move/'], .page-actions a").evaluate_all(
                "a => a.map(x => x.getAttribute('href'))"
            )
            found += [address for address in moves if address and address.startswith("/admin/")]
    return list(dict.fromkeys(found))


def test_no_page_breaks_the_content_security_policy(sign_in, site, complaints):
    """All pages there are, those that are refused too: 0 violations and 0 errors on the console."""
    page, statuses = sign_in("director"), {}
    addresses = registered_pages(page, site)
    complaints.clear()  # a list that the director may not see is an error of the browser's own
    for address in addresses:
        response = page.goto(f"{site.url}{address}")
        statuses[address] = response.status
        assert "unsafe" not in response.headers["content-security-policy"], address
    assert len(addresses) > 5 * len(admin.site._registry) / 2
    assert set(statuses.values()) <= {200, 400, 403, 404}  # 400: filters that a list does not have
    refused = [line for line in complaints if "Failed to load resource" in line]
    assert len(refused) == sum(status != 200 for status in statuses.values())
    assert [line for line in complaints if line not in refused] == []
    complaints.clear()


ERRORS = [("/admin/crm/lead/999999999/change/", 404), ("/nothing/", 404), ("/admin/core/exportlog/add/", 403),
          ("/admin/crm/lead/?stage=nonsense", 200), ("/files/x/y.pdf", 404)]  # fmt: skip


@pytest.mark.parametrize(("address", "status"), ERRORS)
def test_error_pages_keep_to_the_policy(sign_in, site, complaints, address, status):
    page = sign_in("director")
    response = page.goto(f"{site.url}{address}")
    assert response.status == status
    assert page.locator("h1").count() == 1
    assert [line for line in complaints if "Failed to load resource" not in line] == []
    complaints.clear()


def test_pages_for_visitors_keep_to_the_policy(site, browser, complaints):
    """Login, wrong login, locked login, logged out."""
    context = browser.new_context()
    page = context.new_page()
    complaints.listen(page)
    page.goto(f"{site.url}/admin/login/")
    for _try in range(11):
        page.fill("[name=username]", "nobody-of-that-name")
        page.fill("[name=password]", "wrong")
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        if page.locator("[name=password]").count() == 0:
            break
    assert "minutes" in page.locator("main").inner_text()
    context.close()
    assert [line for line in complaints if "Failed to load resource" not in line] == []


def test_the_api_documentation_is_quiet(sign_in, site, complaints):
    page = sign_in("director")
    page.goto(f"{site.url}/api/v1/docs/")
    page.wait_for_selector("#operations-tag-leads", timeout=30_000)
    assert complaints == []
