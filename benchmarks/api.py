"""The CPU of an API list against that of raw SQL and orjson with the same columns, at any depth of a million records.

The request goes through the real WSGI handler: middleware, token, rights, filters, columns, JSON, connection closed at
the end. The contestant has the SQL ready, sends it over an open connection, makes a dict of each row and JSON of all.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from django.contrib.auth.models import Group
from django.db import connection

from benchmarks.report import Figure
from benchmarks.requests import asker, rounds
from core import access, ordering, resources
from core.accounts import User
from core.api.pagination import Cursor
from core.columns import as_json
from core.tokens import ApiToken

SIZE = 100
LIMIT = 5.0
DEPTHS = {"first page": 0.0, "at 10 %": 0.1, "at 50 %": 0.5, "at 99 %": 0.99}
LEADS = resources.get("leads")
ORDER = ordering.keys(LEADS.model, LEADS.ordering)


def figures() -> Iterator[Figure]:
    """One for each depth."""
    ask = caller()
    for name, depth in DEPTHS.items():
        cursor = cursor_at(depth)
        api, raw = rounds(time.process_time, lambda cursor=cursor: ask(cursor), raw_list(cursor))
        ratio = statistics.median(a / b for a, b in zip(api, raw, strict=True))
        yield Figure(f"API list of {SIZE}, CPU of raw SQL + orjson, {name}", ratio, "x", LIMIT)


def caller() -> Callable[[Cursor | None], bytes]:
    """Sends a request for the page at a cursor, as a program with a token that sees all stations."""
    user, _made = User.objects.get_or_create(username="bench")
    user.groups.add(Group.objects.get(name="Director"))
    _token, secret = ApiToken.issue(user, "bench")
    ask = asker("/api/v1/leads/", authorization=f"Bearer {secret}", accept="application/json")
    return lambda cursor: ask(f"page_size={SIZE}" + (f"&cursor={cursor.encode(ORDER)}" if cursor else ""))


def cursor_at(depth: float) -> Cursor | None:
    """The position of the record before which this share of the list lies."""
    if not depth:
        return None
    active = LEADS.model._default_manager.active()
    paths = [key.path for key in ORDER]
    place = int(active.count() * depth)
    return Cursor(LEADS.ordered(active).values_list(*paths)[place])


def raw_list(cursor: Cursor | None) -> Callable[[], bytes]:
    """The list's own SQL, and that of its many-to-many relation, over an open connection of its own."""
    [zone] = ordering.zones(ORDER, cursor.values if cursor else None)
    columns = [column for column in LEADS.columns.listed() if not column.load]
    paths = list(dict.fromkeys(path for column in columns for path in column.paths))
    page = LEADS.all(access.SYSTEM).active().filter(zone.condition).order_by(*ordering.expressions(zone.order))
    sql, params = page.values_list(*paths)[: SIZE + 1].query.sql_with_params()
    mark = "?" if connection.vendor == "sqlite" else "%s"
    links = (
        "SELECT lead_id, user_id, username, full_name FROM crm_lead_collaborators "
        f"JOIN core_user ON core_user.id = user_id WHERE lead_id IN ({', '.join([mark] * SIZE)})"
    )
    sql = sql.replace("%s", mark)
    bare = opened()

    def run() -> bytes:
        records = [dict(zip(paths, row, strict=True)) for row in bare.execute(sql, params).fetchall()[:SIZE]]
        shared: dict[Any, list[Any]] = {}
        pks = [record["pk"] for record in records]
        for lead, *user in bare.execute(links, pks + [0] * (SIZE - len(pks))).fetchall():
            shared.setdefault(lead, []).append(user)
        for record in records:
            record["collaborators"] = shared.get(record["pk"], [])
        return orjson.dumps({"results": records}, default=as_json)

    return run


def opened() -> Any:
    """A cursor of the database's own, which stays open when requests end."""
    own = connection.copy()
    own.connect()
    return own.connection.cursor()
