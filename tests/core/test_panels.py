"""Panels that apps contribute to the pages of others."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from core import panels
from core.panels import Panel
from crm.models import Lead, Organization

REQUEST = RequestFactory().get("/")
REQUEST.user = AnonymousUser()


@pytest.fixture(autouse=True)
def _empty_registry(monkeypatch):
    monkeypatch.setattr(panels, "_record_panels", {})
    monkeypatch.setattr(panels, "_today_panels", [])


def test_panels_come_in_their_order_not_in_that_of_registration():
    panels.on_record(Lead, 20)(lambda request, record: Panel("second", "Second"))
    panels.on_record(Lead, 10)(lambda request, record: Panel("first", "First"))
    assert [panel.slug for panel in panels.for_record(None, Lead())] == ["first", "second"]


def test_panels_of_the_same_order_stay_as_registered():
    for slug in "ba":
        panels.on_today(10)(lambda request, slug=slug: Panel(slug, slug))
    assert [panel.slug for panel in panels.for_today(REQUEST)] == ["b", "a"]


def test_what_the_reader_is_here_for_comes_first():
    panels.on_today(10)(lambda request: Panel("usual", "Usual"))
    panels.on_today(20)(lambda request: Panel("own", "Own", first=True))
    assert [panel.slug for panel in panels.for_today(REQUEST)] == ["own", "usual"]


def test_some_panels_are_fetched_beside_the_page_for_some_readers():
    panels.on_today(10, later=panels.always)(lambda request: Panel("later", "Later"))
    panels.on_today(20, later=lambda user: user.is_authenticated)(lambda request: Panel("now", "Now"))
    assert [panel.slug for panel in panels.for_today(REQUEST)] == ["now"]
    assert [panel.slug for panel in panels.for_today(REQUEST, later=True)] == ["later"]
    assert panels.has_later(REQUEST)


def test_a_panel_belongs_to_its_model():
    panels.on_record(Lead)(lambda request, record: Panel("lead", "Lead"))
    assert panels.for_record(None, Organization()) == []


def test_a_contributor_may_have_nothing_to_show():
    panels.on_record(Lead)(lambda request, record: None)
    panels.on_today()(lambda request: None)
    assert panels.for_record(None, Lead()) == panels.for_today(REQUEST) == []


def test_a_contributor_is_given_the_request_and_the_record():
    asked = []
    panels.on_record(Lead)(lambda *given: asked.append(given))
    record = Lead()
    panels.for_record("request", record)
    assert asked == [("request", record)]


def test_the_decorator_leaves_the_function_as_it_is():
    def panel(request):
        return None

    assert panels.on_today()(panel) is panel
