"""The secret of a token is nowhere but in the hands of its owner: no table, no log, no page, no address."""

import contextlib
import datetime
import io
import logging
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.admin.links import add_url, list_url
from core.exports_log import ExportLog
from core.logs import Formatter
from core.tokens import MARK, ApiToken
from tests.factories import LeadFactory, OrganizationFactory
from tests.pages import record_form

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def logged():
    """Everything that any logger says, formatted as on the server."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Formatter("{asctime} {levelname} {name} {message}", style="{"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def dump():
    """Every value of every table."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def bodies(responses):
    return "\n".join(
        (b"".join(r) if r.streaming else r.content).decode(errors="replace") + str(r.headers) for r in responses
    )


@pytest.fixture
def made(officer, logged_in):
    """A token made on its page, and its secret."""
    client = logged_in(officer)
    values = record_form(client, add_url(ApiToken), name="erp", scope="write", may_export="on")
    secret = client.post(add_url(ApiToken), values).context["secret"]
    return ApiToken.find(secret), secret


def use(secret, **environment):
    """Requests of all kinds, right ones and wrong ones, with the token where it belongs."""
    client = Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False, **environment)
    paths = ("organizations/", "leads/?format=csv", "leads/?format=xlsx", "leads/999/", "nothing/", "leads/?x=y")
    answers = [client.get(f"/api/v1/{path}") for path in paths]
    answers.append(client.post("/api/v1/leads/", {"title": "\x00"}, content_type="application/json"))
    answers.append(client.post("/api/v1/leads/", "{", content_type="application/json"))
    answers.append(client.get("/files/projects.contract/x/y.pdf"))
    answers.append(client.get(reverse("admin:index")))
    return answers


def test_a_secret_that_is_used_is_found_nowhere(made, logged, tokyo_station):
    _token, secret = made
    OrganizationFactory()
    LeadFactory(station=tokyo_station)
    answers = use(secret)
    assert {200, 400, 404, 302} <= {answer.status_code for answer in answers}
    assert ExportLog.objects.count() == 2
    for place in (dump(), logged.getvalue(), bodies(answers)):
        assert secret not in place
        assert secret.removeprefix(MARK)[7:] not in place


def test_an_error_of_ours_does_not_show_it(made, logged, monkeypatch):
    _token, secret = made
    monkeypatch.setattr("core.api.views.read_page", lambda *args, **kwargs: 1 / 0)
    answers = use(secret)
    assert 500 in {answer.status_code for answer in answers}
    assert "ZeroDivisionError" in logged.getvalue()
    assert secret not in logged.getvalue() + bodies(answers) + dump()


def test_a_wrong_secret_is_not_kept_either(logged):
    secret = MARK + "x" * 43
    answers = use(secret)
    assert 401 in {answer.status_code for answer in answers}
    assert secret not in logged.getvalue() + bodies(answers) + dump()


def test_it_is_shown_once(made, officer, logged_in):
    token, secret = made
    client = logged_in(officer)
    pages = [list_url(ApiToken), reverse("admin:core_apitoken_change", args=[token.pk]),
             reverse("admin:core_apitoken_history", args=[token.pk])]  # fmt: skip
    assert secret not in bodies(client.get(page) for page in pages)


# -- in an address ----------------------------------------------------------------------------------------------------

PLACES = (
    *("/api/v1/leads/?token={}", "/api/v1/leads/?search={}", "/api/v1/{}/", "/files/{}", "/livez?{}", "/nothing/{}"),
    *("/admin/?x={}", "/admin/{}/", "/admin/login/?next=%2Fapi%2Fv1%2F%3Ftoken%3D{}", "/?access_token={}"),
)
SPELLINGS = {
    "plain": str,
    "encoded": lambda secret: secret.replace("_", "%5F"),
    "twice": lambda secret: quote(secret.replace("_", "%5F")),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("written", SPELLINGS.values(), ids=SPELLINGS)
def test_a_token_in_an_address_is_refused_and_revoked(place, written, made, logged):
    token, secret = made
    response = Client(headers={"Authorization": f"Bearer {secret}"}).get(place.format(written(secret)))
    assert response.status_code == 400
    assert "Make a new one and send it as" in response.content.decode()
    assert ApiToken.find(secret) is None
    assert ApiToken.objects.get(pk=token.pk).state == ApiToken.State.LEAKED
    assert secret not in logged.getvalue() + bodies([response]) + dump()


def test_programs_are_told_in_their_own_words(made):
    _token, secret = made
    response = Client().get(f"/api/v1/leads/?token={secret}", headers={"Accept-Language": "ja"})
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == "urn:liaison:problem:token-in-address"
    assert "Authorization: Bearer" in response.json()["detail"]


def test_the_revocation_is_in_the_history_with_the_address_it_came_from(made):
    token, secret = made
    Client(REMOTE_ADDR="198.51.100.5").get(f"/api/v1/?token={secret}")
    entry = LogEntry.objects.get_for_object(token).order_by("-pk").first()
    assert (entry.remote_addr, entry.actor, "leaked" in entry.changes) == ("198.51.100.5", None, True)


def test_what_only_looks_like_a_token_is_refused_and_changes_nothing(made):
    _token, secret = made
    assert Client().get(f"/api/v1/?token={MARK}{'x' * 43}").status_code == 400
    assert ApiToken.find(secret) is not None


def test_the_beginning_of_a_token_may_be_searched_for(made, officer, logged_in):
    token, secret = made
    assert logged_in(officer).get(list_url(ApiToken), {"q": secret[:10]}).status_code == 200
    assert ApiToken.find(secret) == token


def test_a_second_leak_keeps_the_time_of_the_first(made):
    token, secret = made
    Client().get(f"/api/v1/?token={secret}")
    first = ApiToken.objects.get(pk=token.pk).revoked_at
    Client().get(f"/api/v1/?token={secret}")
    assert ApiToken.objects.get(pk=token.pk).revoked_at == first
    assert timezone.now() - first < datetime.timedelta(minutes=1)


# -- gunicorn ---------------------------------------------------------------------------------------------------------

APPLICATION = """
def application(environ, start_response):
    if environ["PATH_INFO"] == "/broken":
        raise ValueError(environ["QUERY_STRING"])
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


def test_the_servers_own_logs_do_not_have_it(tmp_path):
    """Its access log, and what it writes about a request that broke: our settings, around an application of nothing."""
    (tmp_path / "broken_app.py").write_text(APPLICATION)
    secret, log = MARK + "x" * 43, tmp_path / "log"
    options = ["--pythonpath", str(tmp_path), "--bind", "127.0.0.1:0", "--access-logfile", "-", "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", "broken_app:application", "--log-level", "debug", *options]
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        url = _listening(log)
        for path in (f"/?token={secret}", f"/broken?token={secret}", f"/{secret}"):
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(url + path, timeout=10).read()
    finally:
        server.terminate()
        server.wait(timeout=20)
    text = log.read_text()
    assert [word in text for word in ("GET / HTTP", "Error handling request", "Traceback")] == [True] * 3
    assert secret not in text


def _listening(log):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for line in log.read_text().splitlines():
            if "Listening at: " in line:
                return line.split("Listening at: ")[1].split()[0]
        time.sleep(0.1)
    raise AssertionError(log.read_text())
