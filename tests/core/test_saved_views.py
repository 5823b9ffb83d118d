"""Saved views: whose they are, and what is stored of them."""

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.http import QueryDict

from core import access
from core.saved_views import ListSettings, SavedView, normal_query, split
from tests.factories import SavedViewFactory, UserFactory

pytestmark = pytest.mark.django_db


def seen(user, action="view"):
    return set(access.scoped(user, SavedView, action))


def test_a_view_is_its_owners_alone(officer, stranger, director):
    view = SavedViewFactory(user=officer)
    assert [seen(user) for user in (officer, stranger, director)] == [{view}, set(), set()]


def test_a_shared_view_is_seen_by_all_who_may_see_the_list(officer, stranger, nobody):
    view = SavedViewFactory(user=officer, is_shared=True)
    assert [seen(user) for user in (officer, stranger, nobody)] == [{view}, {view}, set()]


def test_a_shared_view_of_a_list_that_one_may_not_see_does_not_exist(officer):
    SavedViewFactory(user=officer, is_shared=True, list="interactions")

    assert seen(UserFactory(role="Contract manager")) == set()


def test_a_shared_view_is_changed_by_its_owner_and_by_a_director(officer, stranger, director):
    view = SavedViewFactory(user=officer, is_shared=True)
    assert [seen(user, "change") for user in (officer, stranger, director)] == [{view}, set(), {view}]


def test_a_director_does_not_change_what_others_keep_for_themselves(officer, director):
    SavedViewFactory(user=officer)
    assert seen(director, "change") == set()


def test_a_name_stands_once_per_person_and_list(officer):
    view = SavedViewFactory(user=officer)
    with pytest.raises(ValidationError) as refused:
        SavedView(user=officer, list=view.list, name=view.name).full_clean()
    assert "You have a view of this name already" in str(refused.value)
    SavedView(user=officer, list="people", name=view.name).full_clean()


def test_a_view_is_of_a_list_that_there_is(officer):
    with pytest.raises(ValidationError) as refused:
        SavedView(user=officer, list="cakes", name="x").full_clean()
    assert list(refused.value.error_dict) == ["list"]


@pytest.mark.parametrize("columns", ["a b", "a,,b", "<b>", ",a", "a\n"])
def test_columns_are_codes(officer, columns):
    with pytest.raises(ValidationError) as refused:
        SavedView(user=officer, list="leads", name="x", columns=columns).full_clean()
    assert list(refused.value.error_dict) == ["columns"]


def test_tabs_begin_with_ones_own(officer, stranger):
    SavedViewFactory(user=stranger, name="A", is_shared=True)
    SavedViewFactory(user=officer, name="b")
    SavedViewFactory(user=officer, name="C")
    views = access.scoped(officer, SavedView).of_list("leads").as_tabs(officer)
    assert [view.name for view in views] == ["b", "C", "A"]


@pytest.mark.parametrize(
    ("query", "stored"),
    [("stage=new&owner=", "stage=new"), ("b=2&a=1", "a=1&b=2"), ("a=2&a=1", "a=1&a=2"), ("", "")],
)
def test_the_same_filters_are_stored_alike(query, stored):
    assert normal_query(QueryDict(query)) == stored


def test_names_are_read_once_each():
    assert split("a,,b,a") == ["a", "b"]


def test_settings_are_the_usual_ones_until_something_is_kept(officer):
    assert ListSettings.of(officer, "leads").density == "comfortable"
    ListSettings.keep(officer, "leads", density="compact")
    ListSettings.keep(officer, "leads", columns="title")
    found = ListSettings.of(officer, "leads")
    assert (found.density, found.columns) == ("compact", "title")


def test_settings_are_of_one_person_and_one_list(officer, stranger):
    ListSettings.keep(officer, "leads", columns="title")
    assert ListSettings.of(stranger, "leads").columns == ListSettings.of(officer, "people").columns == ""


def test_lists_kept_at_the_same_time_do_not_undo_each_other(officer):
    at_once = type(officer).objects.get(pk=officer.pk)
    ListSettings.keep(officer, "leads", density="compact")
    ListSettings.keep(at_once, "people", density="compact")
    officer.refresh_from_db()
    assert set(officer.list_settings) == {"leads", "people"}


def test_settings_leave_no_trace_in_the_history(officer):
    before = LogEntry.objects.count()
    ListSettings.keep(officer, "leads", density="compact")
    assert LogEntry.objects.count() == before
