"""Every page of the staff site, in three languages and widths. Nothing on the console, none wider than the screen."""

import pytest

pytestmark = pytest.mark.e2e


LOGS = ("/exportlog/", "/logentry/")  # a log has no history of its own


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
        rows = page.locator("#result_list a[href*='/change/']").evaluate_all("a => a.map(x => x.getAttribute('href'))")
        found += rows[:1]
        if not any(log in address for log in LOGS):
            found += [row.split("/change/")[0] + "/history/" for row in rows[:1]]
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


def test_the_api_documentation_is_quiet(sign_in, site, complaints):
    page = sign_in("director")
    page.goto(f"{site.url}/api/v1/docs/")
    page.wait_for_selector("#operations-tag-leads", timeout=30_000)
    assert complaints == []
