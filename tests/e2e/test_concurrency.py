"""Many clients at once, and processes that die, against the real server on both databases. Needs no browser."""

import contextlib
import http.client
import os
import random
import signal
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest

from tests.e2e.servers import DATABASES, fresh_database, started
from tests.pages import form_values

pytestmark = pytest.mark.e2e
IMPATIENT = 0.01  # seconds
PASSWORD = "a long enough passphrase"
SETUP = """
from core.accounts import User
from crm.models import Lead, LiaisonStation, Organization
station = LiaisonStation(name="Tokyo", country="JP", time_zone="Asia/Tokyo")
station.save()
organization = Organization(name="NEC", country="JP")
organization.save()
lead = Lead(title="Plant", organization=organization, station=station, owner=User.objects.get(), jobs=0)
lead.save()
print(json.dumps(lead.pk))
"""
FACTS = """
from auditlog.models import LogEntry
from crm.models import Lead
lead = Lead.objects.get(pk={lead})
jobs = [entry.changes["jobs"] for entry in LogEntry.objects.get_for_object(lead).filter(action=1).order_by("pk")]
print(json.dumps([lead.jobs, lead.version, jobs]))
"""
MADE = """
from auditlog.models import LogEntry
from crm.models import Organization
names = list(Organization.objects.filter(name__startswith="{prefix}").values_list("name", flat=True))
entries = LogEntry.objects.get_for_model(Organization).filter(action=0, object_repr__startswith="{prefix}")
print(json.dumps([sorted(names), sorted(entries.values_list("object_repr", flat=True))]))
"""


@pytest.fixture(scope="module", params=DATABASES)
def server(request, tmp_path_factory):
    with fresh_database(request.param) as database_url:
        with started(database_url, tmp_path_factory.mktemp("server"), static=True) as server:
            server.superuser("root", PASSWORD)
            server.secret = server.token("root")
            yield server
        assert "Traceback" not in (log := server.log.read_text()), log[-3000:]


@pytest.fixture
def tell(capsys):
    """Prints a figure, also of a test that passes."""

    def write(text):
        with capsys.disabled():
            sys.stdout.write(f" [{text}] ")

    return write


@pytest.fixture
def lead(server):
    """The number of a lead whose `jobs` is 0."""
    return server.python(SETUP)


def as_token(server, method, path, body=None, **headers):
    return server.send(method, path, body, Authorization=f"Bearer {server.secret}", **headers)


def at_once(number, work):
    """Runs `work(n)` in so many threads and answers what each returned."""
    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(work, range(number)))


def assert_counted(server, lead, updates):
    """Every success is in the counter, in the version and in the history, in an unbroken chain."""
    count, version, told = server.python(FACTS.format(lead=lead))
    assert (count, version) == (updates, updates + 1)
    assert told == [[str(number), str(number + 1)] for number in range(updates)]


# -- updates of one record --------------------------------------------------------------------------------------------


def test_of_1200_updates_by_eight_clients_none_is_lost(server, lead, tell):
    path = f"/api/v1/leads/{lead}/"

    def client(number):
        statuses, seen, luck = [], as_token(server, "GET", path), random.Random(number)
        while statuses.count(200) < 150:
            sent_at = time.monotonic()
            body, match = {"jobs": seen.json()["jobs"] + 1}, seen.headers["ETag"]
            answer = as_token(server, "PATCH", path, body, If_Match=match)
            statuses.append(answer.status)
            if answer.status != 200:  # the others are quicker: give way for as long as some requests take
                time.sleep(luck.uniform(0, 12) * (time.monotonic() - sent_at))
            seen = answer if answer.status == 200 else as_token(server, "GET", path)
        return statuses

    statuses = [status for found in at_once(8, client) for status in found]
    tell(f"{statuses.count(412)} conflicts")
    assert set(statuses) == {200, 412}
    assert statuses.count(200) == 1200
    assert_counted(server, lead, 1200)


class Browser:
    """Somebody at the staff pages, with cookies."""

    def __init__(self, server):
        self.server, self.cookies = server, {}
        login = self.open("/admin/login/")
        fields = {"username": "root", "password": PASSWORD, "next": "/admin/"}
        assert self.submit("/admin/login/", self.values(login, "login-form") | fields).status == 302

    def open(self, path):
        return self.send("GET", path)

    def submit(self, path, values):
        return self.send("POST", path, urlencode(values, doseq=True), Content_Type="application/x-www-form-urlencoded")

    def send(self, method, path, body=None, **headers):
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.server.send(method, path, body, Cookie=cookies or None, **headers)
        for header in answer.headers.get_all("Set-Cookie", ()):
            name, _equals, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    @staticmethod
    def values(answer, form_id):
        return form_values(SimpleNamespace(content=answer.body), form_id)


def test_of_60_forms_by_four_people_none_is_lost(server, lead):
    path = f"/admin/crm/lead/{lead}/change/"
    browsers = [Browser(server) for _person in range(4)]

    def person(number):
        statuses = []
        while statuses.count(302) < 15:
            values = Browser.values(browsers[number].open(path), "lead_form")
            values["jobs"] = [str(int(values["jobs"][0]) + 1)]
            answer = browsers[number].submit(path, values)
            statuses.append(answer.status)
            assert answer.status == 302 or b"Somebody else saved this record" in answer.body
        return statuses

    statuses = [status for found in at_once(4, person) for status in found]
    assert set(statuses) <= {200, 302}
    assert_counted(server, lead, 60)


# -- one key, one effect ----------------------------------------------------------------------------------------------


def test_of_eight_requests_with_one_key_at_once_one_has_an_effect(server):
    name = f"at once {uuid.uuid4().hex[:8]}"
    for number in range(10):
        answers = at_once(8, lambda _client, name=f"{name} {number}": create(server, name, key=name))
        assert {answer.status for answer in answers} <= {201, 409}
        first = [answer for answer in answers if answer.status == 201 and "Idempotent-Replayed" not in answer.headers]
        assert len(first) == 1
        assert {answer.body for answer in answers if answer.status == 201} == {first[0].body}
    names, told = server.python(MADE.format(prefix=name))
    assert names == told == sorted(f"{name} {number}" for number in range(10))


def create(server, name, key, timeout=30):
    body = {"name": name, "country": "JP"}
    return as_token(server, "POST", "/api/v1/organizations/", body, Idempotency_Key=key, timeout=timeout)


@contextlib.contextmanager
def dying_workers(server, answered, luck):
    """kill -9 of a worker at random moments, until the block ends. Yields the list of the killed.

    After each some requests are let through (`answered` counts them): a new worker needs its time to start.
    """
    killed, done = [], threading.Event()

    def kill():
        while not done.is_set():
            goal = len(answered) + luck.randint(15, 60)
            while len(answered) < goal and not done.wait(0.005):
                pass
            done.wait(luck.uniform(0, 0.03))  # not always just after an answer
            if not done.is_set():
                killed.append(luck.choice(server.web_workers()))
                os.kill(killed[-1], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        done.set()
        killer.join()


def post_until_answered(server, name, patience):
    """The final answer, and how many times it took: a client whose connection breaks knows nothing, and asks again.

    `patience` are the seconds after which it hangs up on its first attempt.
    """
    deadline, times, key = time.monotonic() + 120, 0, str(uuid.uuid4())
    while time.monotonic() < deadline:
        times += 1
        try:
            answer = create(server, name, key, patience)
        except (OSError, http.client.HTTPException):
            patience = 30
            time.sleep(0.1)
            continue
        if answer.status not in (409, 503):
            return answer, times
        time.sleep(0.2)
    raise AssertionError(f"no answer to {name} within two minutes")


def test_of_360_posts_to_dying_workers_none_is_lost_or_doubled(server, tell):
    prefix, answers = f"kill {uuid.uuid4().hex[:8]}", []

    def client(number):
        for count in range(45):
            patience = 30 if count % 10 else IMPATIENT
            answer = post_until_answered(server, f"{prefix} {number} {count}", patience)
            answers.append(answer)

    with dying_workers(server, answers, random.Random(42)) as killed:
        at_once(8, client)
    server.wait_until("/livez")
    names, told = server.python(MADE.format(prefix=prefix))
    assert {answer.status for answer, _times in answers} == {201}
    repeated = sum(times for _answer, times in answers) - 360
    replayed = sum("Idempotent-Replayed" in answer.headers for answer, _times in answers)
    tell(f"{len(killed)} workers killed, {repeated} requests repeated, {replayed} of them had been carried out")
    assert len(killed) >= 5
    assert repeated > 0
    assert replayed > 0
    assert names == told == sorted(f"{prefix} {number} {count}" for number in range(8) for count in range(45))
