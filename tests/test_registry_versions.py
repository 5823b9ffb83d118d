"""Each way of writing a record raises its version by one, whatever of it is written, and is told in its history."""

import json

import pytest
from auditlog.models import LogEntry
from django.test import Client

from config.api import router
from core import resources
from core.admin.links import change_url
from core.api.views import RecordViewSet
from core.audit import entries_for
from core.stages import Staged
from tests.pages import record_form, record_page
from tests.ways import Api, ApiChange, Form, example

WRITTEN = [slug for slug, viewset, _name in router.registry if issubclass(viewset, RecordViewSet)]
STAGED = [slug for slug in WRITTEN if issubclass(resources.get(slug).model, Staged)]
WITH_PARTS = [
    slug
    for slug in WRITTEN
    if any(c.kind == "parts" and not hasattr(c.schema.model, "flow") for c in resources.get(slug).columns.all)
]
pytestmark = pytest.mark.django_db

every_resource = pytest.mark.parametrize("slug", WRITTEN)
every_flow = pytest.mark.parametrize(
    ("slug", "field"), [(slug, flow.field) for slug in STAGED for flow in resources.get(slug).model.flows]
)


@pytest.fixture
def client(director):
    director.is_superuser = True
    director.save()
    client = Client()
    client.force_login(director)
    return client


class Change:
    """`with Change(record, user):` the version goes up by one, and the newest entries name the user."""

    def __init__(self, record, user):
        self.record, self.user = record, user

    def __enter__(self):
        self.record.refresh_from_db()
        self.version, self.newest = self.record.version, LogEntry.objects.latest("pk").pk

    def __exit__(self, kind, *details):
        if kind is None:
            self.record.refresh_from_db()
            assert self.record.version == self.version + 1
            actors = {entry.actor for entry in entries_for(self.record).filter(pk__gt=self.newest)}
            assert actors <= {self.user}
            self.told = bool(actors)


def send(client, method, path, body):
    answer = getattr(client, method)(path, json.dumps(body), content_type="application/json", headers={"If-Match": "*"})
    assert answer.status_code in (200, 201), answer.content
    return answer


def address(slug, record):
    return f"/api/v1/{slug}/{record.pk}/"


def newest(slug):
    return resources.get(slug).model._base_manager.latest("pk")


# -- API --------------------------------------------------------------------------------------------------------------


@every_resource
def test_a_new_record_has_version_one_with_all_its_parts(client, director, slug):
    assert Api(client, slug).send({}).stored
    record = newest(slug)
    assert record.version == 1
    assert {entry.actor for entry in entries_for(record)} == {director}


@every_resource
def test_put(client, director, slug):
    """The body names no ids, so all parts are removed and made again."""
    way = ApiChange(client, slug)
    with Change(way.record, director):
        assert way.send({}).stored


@every_resource
def test_patch(client, director, slug):
    record = example(slug)
    with Change(record, director):
        send(client, "patch", address(slug, record), {"notes": "new"} if hasattr(record, "notes") else {})


@every_resource
def test_patch_of_parts_and_links_alone(client, director, slug):
    record = example(slug)
    columns = resources.get(slug).columns.all
    parts = {c.code: [] for c in columns if c.kind == "parts" and not hasattr(c.schema.model, "flow")}
    links = {field.name: [] for field in record._meta.many_to_many}
    with Change(record, director) as _:
        send(client, "patch", address(slug, record), parts | links)


@every_resource
def test_archive_and_restore(client, director, slug):
    record = example(slug)
    for action, body in (("archive", {"reason": "registered twice"}), ("restore", {})):
        change = Change(record, director)
        with change:
            send(client, "post", f"{address(slug, record)}{action}/", body)
        assert change.told


@every_flow
def test_move(client, director, slug, field):
    record = example(slug)
    change = Change(record, director)
    with change:
        send(client, "post", f"{address(slug, record)}{field}/", {"to": target(record, field), "reason": "agreed"})
    assert change.told


def target(record, field):
    flow = record.flow(field)
    return next(to for to in flow.targets(record) if not flow.requires.get(to))


# -- pages ------------------------------------------------------------------------------------------------------------


@every_resource
def test_the_form_for_a_new_record(client, director, slug):
    assert Form(client, slug).send({}).stored
    assert newest(slug).version == 1


def submit(client, url, values):
    answer = client.post(url, values)
    assert answer.status_code == 302, answer.context["errors"]


@every_resource
def test_the_form(client, director, slug):
    record = example(slug)
    url = change_url(record)
    with Change(record, director):
        submit(client, url, record_form(client, url))


@pytest.mark.parametrize("slug", WITH_PARTS)
def test_the_form_with_its_rows_taken_away(client, director, slug):
    record = example(slug)
    url = change_url(record)
    values = record_form(client, url)
    rows = [name.removesuffix("-id") for name in values if name.endswith("-id") and values[name] != [""]]
    assert rows
    change = Change(record, director)
    with change:
        submit(client, url, values | {f"{row}-DELETE": "on" for row in rows})
    assert change.told


@every_resource
def test_the_pages_to_archive_and_restore(client, director, slug):
    record = example(slug)
    for page, data in (("archive", {"reason": "registered twice"}), ("restore", {})):
        with Change(record, director):
            submit(client, record_page(record, page), data)


@every_flow
def test_the_page_to_move(client, director, slug, field):
    record = example(slug)
    with Change(record, director):
        submit(client, record_page(record, "move", field, target(record, field)), {"reason": "agreed"})
