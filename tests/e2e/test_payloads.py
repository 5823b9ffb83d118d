"""Payloads in every field, opened in a browser: nothing runs, and the policy finds nothing to block.

Records are filled through the API and the forms by `tests/e2e/hostile.py`. Most pages are opened with the content
security policy switched off, so that a script that got into a page would really run; the others with it, so that it
would be reported.
"""

import contextlib
import json
import os
import subprocess
import sys
import urllib.parse
from dataclasses import dataclass, field

import pytest

from tests.e2e.conftest import ROOT, TELL_VIOLATIONS, _free_port, _wait_until_ready
from tests.payloads import CANARY, PAYLOADS, packs

pytestmark = pytest.mark.e2e
# What no page of ours has; with the policy switched off Playwright itself adds nothing to the page.
FOREIGN = """() => [...document.querySelectorAll("*")].filter((element) =>
  ["IFRAME", "OBJECT", "EMBED", "BASE", "MATH", "VIDEO", "STYLE"].includes(element.tagName)
  || (element.tagName === "SCRIPT" && !element.src && !/json/.test(element.type))
  || [...element.attributes].some(({name, value}) => /^on/.test(name)
    || (/^(href|src|action|formaction)$/.test(name) && /^[\\\\s\\\\0]*(javascript|data|vbscript):/i.test(value))))
  .map((element) => element.outerHTML.slice(0, 200))"""


@dataclass
class Hostile:
    url: str
    password: str
    records: dict


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A product of its own, whose data is full of payloads. What is shown does not depend on the database."""
    data_dir, port = tmp_path_factory.mktemp("hostile"), _free_port()
    database = f"sqlite:///{data_dir / 'liaison.sqlite3'}"
    environment = {**os.environ, "DATA_DIR": str(data_dir), "DATABASE_URL": database, "LOG_LEVEL": "ERROR"}

    def run(*arguments):
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout

    run("manage.py", "migrate", "-v0")
    run("manage.py", "collectstatic", "--noinput", "-v0")
    made = json.loads(run("-m", "tests.e2e.hostile"))
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "8"]
    server = subprocess.Popen([*command, "--no-control-socket", "--log-level", "warning"], cwd=ROOT, env=environment)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}", server, path="livez")
        yield Hostile(f"http://127.0.0.1:{port}", **made)
    finally:
        server.terminate()
        server.wait(timeout=30)


@dataclass
class Watched:
    """A signed-in page, and what happened on it that should not."""

    site: Hostile
    page: object = None
    has_policy: bool = True
    happened: list = field(default_factory=list)
    visited: int = 0

    def watch(self, context):
        context.add_init_script(TELL_VIOLATIONS)
        context.expose_function("__hit", lambda number: self.happened.append(("ran", number, self.page.url)))
        context.on("request", self.note_request)
        context.on("dialog", self.note_dialog)
        context.on("console", self.note_console)

    def note_request(self, request):
        if urllib.parse.urlsplit(request.url).path.startswith(CANARY) or not request.url.startswith(
            (self.site.url, "data:")
        ):
            self.happened.append(("asked for", request.url, self.page.url))

    def note_dialog(self, dialog):
        if dialog.type != "beforeunload":
            self.happened.append(("dialog", dialog.message, self.page.url))
        with contextlib.suppress(Exception):  # a page that is left has closed it already
            dialog.accept()

    def note_console(self, message):
        if message.type == "error" and "status of 4" not in message.text:
            self.happened.append(("console", message.text, self.page.url))

    def open(self, path):
        self.page.goto(f"{self.site.url}{path}", wait_until="domcontentloaded")
        self.look()

    def look(self):
        self.visited += 1
        self.happened += [("markup", html, self.page.url) for html in self.page.evaluate(FOREIGN)]

    def settle(self):
        self.page.wait_for_load_state()
        self.look()


@pytest.fixture(params=[True, False], ids=["without policy", "with policy"])
def watched(request, hostile, browser):
    """Signed in as `root`, from a browser that gives itself a hostile name."""
    context = browser.new_context(bypass_csp=request.param, user_agent=PAYLOADS[12], locale="en-GB")
    context.set_default_timeout(15_000)
    watching = Watched(hostile)
    watching.watch(context)
    watching.page = context.new_page()
    watching.page.goto(f"{hostile.url}/admin/")
    watching.page.fill("[name=username]", "root")
    watching.page.fill("[name=password]", hostile.password)
    watching.page.press("[name=password]", "Enter")
    watching.page.wait_for_url(f"{hostile.url}/admin/")
    watching.has_policy = not request.param
    yield watching
    context.close()


def test_the_watch_sees_what_runs(watched):
    watched.page.set_content(f"<body>{PAYLOADS[12]}<iframe src=/x></iframe></body>")
    watched.look()
    watched.page.wait_for_timeout(300)
    kinds = {what for what, *_details in watched.happened}
    assert kinds >= ({"markup", "console"} if watched.has_policy else {"markup", "ran"})


def test_payloads_in_records_do_not_run(watched):
    """Lists, pages, forms and histories. Without the policy every record is opened, with it one of each kind."""
    for paths in watched.site.records.values():
        watched.open(paths[0].rsplit("/", 3)[0] + "/?all=")
        watched.open(paths[0].replace("/change/", "/history/"))
        for path in paths[: 1 if watched.has_policy else None]:
            watched.open(path)
            watched.open(path.removesuffix("change/"))
    assert watched.happened == []
    assert watched.visited >= 3 * len(watched.site.records)


PAGES = """
sessions/ password_change/ core/signin/ core/user/ core/user/1/change/ core/user/1/sessions/ core/user/locks/
core/apitoken/ core/apitoken/1/change/ core/apitoken/revoke-all/1/ core/exportlog/ auditlog/logentry/ auth/group/
"""


def test_payloads_do_not_run_elsewhere_on_the_site(watched):
    lead, contract = watched.site.records["leads"][0], watched.site.records["contracts"][0]
    project = watched.site.records["projects"][0]
    pages = ["/admin/", *(f"/admin/{path}" for path in PAGES.split())]
    for path in (lead, contract, project):
        pages += [path.replace("/change/", f"/{page}/") for page in ("archive", "restore")]
    pages += [lead.replace("/change/", "/move/stage/disqualified/"), project.replace("/change/", "/move/status/lost/")]
    pages += [f"{contract}?_popup=1", "/admin/crm/lead/?_popup=1", "/admin/crm/lead/add/?_popup=1&_to_field=id"]
    for page in pages:
        watched.open(page)
    assert watched.happened == []


def test_payloads_in_addresses_do_not_run(watched):
    for text in PAYLOADS[:: 4 if watched.has_policy else 1]:
        quoted = urllib.parse.quote(text)
        watched.open(f"/admin/crm/lead/?search={quoted}&stage={quoted}")
        watched.open(f"/admin/{quoted}/")
    quoted = urllib.parse.quote(packs(255)[0])
    for page in (
        f"/admin/login/?next={quoted}",
        f"/admin/core/user/?q={quoted}",
        f"/api/v1/docs/?x={quoted}",
    ):
        watched.page.goto(f"{watched.site.url}{page}")
        watched.visited += 1
    watched.page.request.get(f"{watched.site.url}/admin/crm/lead/export/?search={quoted}")
    watched.open("/admin/core/exportlog/")
    assert watched.happened == []


# A choice that was not offered comes back in the message that refuses it.
ADD_CHOICE = """text => document.querySelector("#id_channel").add(new Option("x", text, true, true))"""


def choose(page, name, text):
    """Types into an autocomplete and takes the first choice."""
    page.locator(f"#id_{name} + .select2-container").click()
    page.locator(".select2-search__field").last.fill(text)
    page.locator(".select2-results__option--highlighted, .select2-results__option[role=option]").first.wait_for()
    page.keyboard.press("Enter")


def test_payloads_in_choices_messages_and_conflicts_do_not_run(watched):
    page = watched.page
    watched.open("/admin/crm/lead/add/")
    choose(page, "organization", "__hit")
    watched.look()
    page.fill("#id_title", PAYLOADS[12])
    page.evaluate(ADD_CHOICE, PAYLOADS[0])
    page.click("[name=_continue]")
    watched.settle()
    assert page.locator(".errornote").count() == 1

    lead = watched.site.records["leads"][1]
    watched.open(lead)
    other = page.context.new_page()
    other.goto(page.url)
    other.fill("#id_next_step", PAYLOADS[13])
    other.click("[name=_continue]")
    other.wait_for_load_state()
    assert other.locator(".messagelist").count() == 1  # "The lead … was changed", with its name
    assert other.evaluate(FOREIGN) == []
    page.fill("#id_next_step", PAYLOADS[1])
    page.click("[name=_continue]")
    watched.settle()
    assert "__hit" in page.locator("#conflict").inner_text()
    assert watched.happened == []


def test_payloads_in_a_popup_do_not_run(watched):
    """The new record comes back into the form that asked for it."""
    page = watched.page
    watched.open("/admin/crm/lead/add/")
    links = page.locator("#add_id_organization")
    if links.count():
        with page.expect_popup() as opened:
            links.click()
        popup = opened.value
        popup.fill("#id_name", PAYLOADS[12])
        popup.select_option("#id_country", "JP")
        popup.click("[name=_save]")
        page.locator("#id_organization option[selected]").first.wait_for(state="attached")
        page.wait_for_timeout(500)
        watched.look()
    assert watched.happened == []


def test_payloads_shown_by_the_api_documentation_do_not_run(watched):
    page = watched.page
    page.goto(f"{watched.site.url}/api/v1/docs/")
    page.locator("#operations-tag-leads").click()
    operation = page.locator("#operations-leads-leads_list, [id^=operations-leads-][id$=_list]").first
    operation.locator(".opblock-summary-control, .opblock-summary").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    shown = operation.locator(".live-responses-table .response .highlight-code").first
    shown.wait_for()
    assert "__hit" in shown.inner_text()
    assert [what for what in watched.happened if what[0] != "markup"] == []


def test_payloads_in_a_token_do_not_run(watched):
    page = watched.page
    watched.open("/admin/core/apitoken/add/")
    page.fill("#id_name", PAYLOADS[13])
    page.click("[name=_save]")
    watched.settle()
    assert page.locator("#secret").count() == 1
    assert watched.happened == []
