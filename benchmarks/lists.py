"""The pages of the admin that staff open all day: how many queries each takes, and its time against the first page of
leads. As a director, who sees all stations, and as an officer of the busiest one."""

import statistics
import time
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from benchmarks.report import Figure
from benchmarks.requests import asker, rounds
from core import access
from core.accounts import User
from crm.admin import LeadAdmin
from crm.models import Lead, StationMembership

ROLES = ("director", "officer")
MOST_QUERIES = 12
DEEP = 5000
WITHIN = 1.5
START = "start page"
START_WITHIN = 2.0
# A search and a filter that meet many leads, those that meet few, and one that meets none.
ASKED = {
    "filtered by stage": {"stage": "contacted"},
    "filtered by stage and country": {"stage": "contacted", "organization__country": "JP"},
    "filtered by overdue": {"overdue": "true"},
    "searched for 日本": {"search": "日本"},
    "searched for 日本, filtered by stage": {"search": "日本", "stage": "contacted"},
    "searched for a number": {"search": "L-000123"},
    "searched for nothing there is": {"search": "qqqqqq"},
}


def figures() -> Iterator[Figure]:
    for role in ROLES:
        yield from _figures(role)


def _figures(role: str) -> Iterator[Figure]:
    user = somebody(role)
    ask = asker("/admin/crm/lead/", cookie=_cookie(user), accept="text/html", accept_language="ja")
    works = {f"leads, {name}": partial(ask, query) for name, query in pages(user).items()}
    works[START] = partial(ask, path="/admin/")
    queries = {name: _queries(work) for name, work in works.items()}
    times = dict(zip(works, rounds(time.perf_counter, *works.values()), strict=True))
    first = times["leads, page 1"]
    yield Figure(f"leads, page 1, {role}", statistics.median(first) * 1000, "ms")
    for name, measured in times.items():
        yield Figure(f"{name}, {role}, queries", queries[name], "", None if name == START else MOST_QUERIES)
        if measured is not first:
            ratio = statistics.median(a / b for a, b in zip(measured, first, strict=True))
            yield Figure(f"{name}, {role}, time of page 1", ratio, "x", START_WITHIN if name == START else WITHIN)


def pages(user: User) -> dict[str, str]:
    """Query strings. Of a list that is shorter, the page in its middle stands for the deep one."""
    deep = min(DEEP, access.scoped(user, Lead).active().count() // LeadAdmin.list_per_page // 2)
    return {"page 1": "", f"page {deep:,}": f"p={deep}", **{name: urlencode(asked) for name, asked in ASKED.items()}}


def _queries(work: partial[bytes]) -> int:
    work()  # some things are remembered between requests
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def somebody(role: str) -> User:
    """A user of this role at the busiest station."""
    user, is_new = User.objects.get_or_create(username=f"bench-{role}", defaults={"is_staff": True})
    if is_new:
        user.groups.add(Group.objects.get(name=role.capitalize()))
        by_station = Lead.objects.order_by().values_list("station_id").annotate(leads=Count("pk")).order_by("-leads")
        StationMembership.objects.create(user=user, station_id=by_station[0][0], starts_on="2015-01-01")
    return user


def _cookie(user: User) -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"
