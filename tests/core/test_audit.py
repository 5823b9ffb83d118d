"""The change history: what is written, by whom, and that it outlives everything."""

import datetime
import io

import pytest
from auditlog.diff import model_instance_diff
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from core.audit import (
    EXEMPT,
    audited_models,
    entries_for,
    record_changes,
    record_creations,
    record_links,
    record_removals,
    search,
)
from core.request_context import acting
from core.stages import Change
from core.tokens import ApiToken
from crm.leads import STAGE_FLOW, Lead
from tests.factories import (
    AliasFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    PersonFactory,
    StationFactory,
    UserFactory,
)
from tests.filled import filled

pytestmark = pytest.mark.django_db
CREATE, UPDATE, DELETE = LogEntry.Action.CREATE, LogEntry.Action.UPDATE, LogEntry.Action.DELETE


def latest(record):
    return LogEntry.objects.get_for_object(record).order_by("-pk").first()


def test_a_new_record_is_written_down():
    organization = OrganizationFactory(name="日本電気")
    entry = latest(organization)
    assert (entry.action, entry.object_repr) == (CREATE, "日本電気")
    assert entry.changes["name"] == ["None", "日本電気"]


def test_a_change_is_written_down_with_before_and_after():
    lead = LeadFactory(next_step="call", notes="same")
    lead.next_step = "visit"
    lead.save()
    assert latest(lead).changes == {"next_step": ["call", "visit"]}


def test_the_end_of_a_part_is_written_down():
    alias = AliasFactory(name="NEC")
    pk = alias.pk
    alias.delete()
    entry = LogEntry.objects.get_for_model(type(alias)).get(action=DELETE, object_id=pk)
    assert entry.changes["name"] == ["NEC", "None"]


def test_a_save_that_changes_nothing_is_not_written_down():
    lead = LeadFactory()
    lead.save()
    assert latest(lead).action == CREATE


def test_links_are_written_down_by_name():
    talk, person = InteractionFactory(), PersonFactory(family_name="山田", given_name="太郎")
    talk.people.add(person)
    assert latest(talk).changes == {"people": {"type": "m2m", "operation": "add", "objects": ["山田太郎"]}}


def test_bookkeeping_is_not_written_down():
    names = set(latest(LeadFactory()).changes)
    assert not names & {"version", "updated_at", "updated_by", "created_at", "created_by", "search_text"}


def test_a_move_is_written_down_at_the_record_and_as_a_row():
    lead = LeadFactory()
    row = STAGE_FLOW.move(lead, "contacted", reason="called")
    assert latest(lead).changes == {"stage": ["new", "contacted"]}
    assert latest(row).action == CREATE


def test_passwords_and_digests_are_not_written_down():
    user = UserFactory(password="first")
    user.set_password("second")
    user.save()
    token, _secret = ApiToken.issue(user, "reporting")
    written = {
        name for record in (user, token) for entry in LogEntry.objects.get_for_object(record) for name in entry.changes
    }
    assert not written & {"password", "last_login", "digest", "last_used_at"}
    assert {"username", "name"} <= written


def test_roles_of_an_account_are_written_down():
    user = UserFactory()
    user.groups.add(Group.objects.get(name="Officer"))
    assert latest(user).changes["groups"]["objects"] == ["Officer"]


# -- who --------------------------------------------------------------------------------------------------------------


def test_an_entry_names_actor_address_and_request(officer):
    with acting(officer, "192.0.2.7", "abc"):
        entry = latest(OrganizationFactory())
    assert (entry.actor, entry.remote_addr, entry.cid) == (officer, "192.0.2.7", "abc")
    assert entry.additional_data["actor_name"] == "officer"


def test_work_without_a_user_has_no_actor():
    entry = latest(OrganizationFactory())
    assert (entry.actor, entry.remote_addr) == (None, None)


def test_an_entry_outlives_its_author():
    author = UserFactory(username="leaver")
    with acting(author):
        organization = OrganizationFactory()
    entry = latest(organization)
    type(organization).objects.update(created_by=None, updated_by=None)
    author.delete()
    entry.refresh_from_db()
    assert (entry.actor, entry.additional_data["actor_name"]) == (None, "leaver")


def test_an_entry_outlives_its_record():
    station = StationFactory(name="Osaka")
    pk = station.pk
    station.delete()
    entries = LogEntry.objects.get_for_model(type(station)).filter(object_id=pk).order_by("pk")
    assert [(entry.action, entry.object_repr) for entry in entries] == [(CREATE, "Osaka"), (DELETE, "Osaka")]


def test_a_change_that_is_rolled_back_leaves_no_entry():
    lead = LeadFactory()
    stale = type(lead).objects.get(pk=lead.pk)
    lead.save()
    stale.next_step = "lost"
    with pytest.raises(Exception, match="was changed since"):
        stale.save()
    assert latest(lead).action == CREATE


# -- of a record ------------------------------------------------------------------------------------------------------


def test_the_history_of_a_record_holds_that_of_its_parts_newest_first():
    organization = OrganizationFactory()
    AliasFactory(organization=organization)
    AliasFactory()
    OrganizationFactory()
    assert [entry.content_type.model for entry in entries_for(organization)] == ["alias", "organization"]


def test_the_history_of_a_record_still_holds_that_of_a_removed_part():
    organization = OrganizationFactory()
    AliasFactory(organization=organization, name="NEC").delete()
    AliasFactory().delete()
    shown = [(entry.object_repr, entry.action) for entry in entries_for(organization)]
    assert shown[:2] == [("NEC", DELETE), ("NEC", CREATE)]
    assert len(shown) == 3


def test_each_entry_is_shown_once():
    organization = OrganizationFactory()
    alias = AliasFactory(organization=organization)
    alias.name = "renamed"
    alias.save()
    entries = list(entries_for(organization))
    assert len(entries) == len({entry.pk for entry in entries}) == 3


# -- bulk writes ------------------------------------------------------------------------------------------------------

SHOWN = ("content_type", "object_pk", "object_id", "object_repr", "changes", "actor", "remote_addr", "cid")
every_audited_model = pytest.mark.parametrize("model", audited_models(), ids=lambda model: model._meta.label)


def shape(entry):
    return {name: getattr(entry, name) for name in (*SHOWN, "action", "additional_data", "serialized_data")}


def real(changes):
    """Without auditlog's pairs of nothing and nothing, which no history shows."""
    return {name: pair if isinstance(pair, dict) else list(pair) for name, pair in changes.items() if not same(pair)}


def same(pair):
    return not isinstance(pair, dict) and pair[0] == pair[1]


def twice(record, record_it):
    """The entry that the ORM's signals left, and the one that `record_it` writes about the same."""
    automatic = latest(record)
    record_it()
    explicit = latest(record)
    assert automatic.pk != explicit.pk
    automatic.changes, explicit.changes = real(automatic.changes), real(explicit.changes)
    return shape(automatic), shape(explicit)


def test_a_creation_in_bulk_is_written_down_like_any_other(officer):
    with acting(officer, "192.0.2.7", "abc"):
        lead = LeadFactory(next_step_on="2024-07-02", jobs=30)
        lead.refresh_from_db()
        automatic, explicit = twice(lead, lambda: record_creations([lead]))
    assert automatic == explicit
    assert explicit["actor"] == officer


def test_a_change_in_bulk_is_written_down_like_any_other(officer):
    with acting(officer, "192.0.2.7", "abc"):
        lead = LeadFactory(next_step="call", jobs=3)
        before = Lead.objects.get(pk=lead.pk)
        lead.next_step, lead.jobs = "visit", None
        lead.save()
        automatic, explicit = twice(lead, lambda: record_changes([(before, lead)]))
    assert automatic == explicit


def test_a_removal_in_bulk_is_written_down_like_any_other():
    alias = AliasFactory(name="NEC")
    alias.refresh_from_db()
    record_removals([alias])
    explicit = latest(alias)
    alias.delete()
    automatic = LogEntry.objects.get_for_model(type(alias)).latest("pk")
    automatic.changes = real(automatic.changes)
    assert shape(automatic) == shape(explicit)


def test_links_made_in_bulk_are_written_down_like_any_other():
    talk, person = InteractionFactory(), PersonFactory()
    talk.people.add(person)
    automatic, explicit = twice(talk, lambda: record_links([(talk, "people", [person]), (talk, "people", [])]))
    assert automatic == explicit


def test_a_change_of_nothing_leaves_no_entry():
    lead = LeadFactory()
    entries = LogEntry.objects.count()
    record_changes([(lead, lead)])
    assert LogEntry.objects.count() == entries


@every_audited_model
def test_every_value_is_written_as_the_signals_write_it(model):
    if issubclass(model, Change):
        filled(model._meta.get_field("record").related_model)  # its first row comes with it
    else:
        filled(model)
    record = model._base_manager.latest("pk")
    record_creations([record])
    assert latest(record).changes == real(model_instance_diff(None, record))


# -- nothing is left out ----------------------------------------------------------------------------------------------

NOT_OURS = {
    "auth.Permission": "made from the code by migrate, never by people",
    "contenttypes.ContentType": "made from the code by migrate, never by people",
    "sessions.Session": "signing in and out is told by axes",
    "axes.AccessAttempt": "is itself a log of signing in",
    "axes.AccessAttemptExpiration": "is itself a log of signing in",
    "axes.AccessLog": "is itself a log of signing in",
    "axes.AccessFailureLog": "is itself a log of signing in",
    "admin.LogEntry": "Django's own history, never written here",
    "auditlog.LogEntry": "is the change history itself",
    "django_tasks_database.DBTaskResult": "a queue of background work; what a task does is audited there",
    "demo.DemoRecord": "remembers which sample records were made, in trials only",
}


def links_of(models):
    """The tables between two models that Django makes for their many-to-many fields."""
    fields = [field for model in models for field in model._meta.local_many_to_many]
    return {field.remote_field.through for field in fields if field.remote_field.through._meta.auto_created}


@pytest.mark.parametrize("model", apps.get_models(include_auto_created=True), ids=lambda model: model._meta.label)
def test_every_table_is_audited_or_exempt_with_a_reason(model):
    audited = auditlog.contains(model) or model in links_of(auditlog.get_models())
    assert audited is not bool(EXEMPT.get(model._meta.label) or NOT_OURS.get(model._meta.label))


@every_audited_model
def test_the_links_of_an_audited_model_are_audited(model):
    fields = {field.name for field in model._meta.local_many_to_many}
    assert auditlog._registry[model]["m2m_fields"] == fields


def test_the_rights_of_a_role_are_written_down():
    role = Group.objects.get(name="Officer")
    right = role.permissions.first()
    role.permissions.remove(right)
    assert latest(role).changes["permissions"] == {"type": "m2m", "operation": "delete", "objects": [str(right)]}


# -- nobody changes it ------------------------------------------------------------------------------------------------


def test_an_entry_cannot_be_changed():
    entry = latest(OrganizationFactory(name="NEC"))
    entry.object_repr = "Fujitsu"
    with pytest.raises(RuntimeError, match="never changed"):
        entry.save()
    entry.refresh_from_db()
    assert entry.object_repr == "NEC"


@pytest.mark.parametrize("way", [lambda entry: entry.delete(), lambda entry: LogEntry.objects.all().delete()])
def test_an_entry_cannot_be_deleted(way):
    entry = latest(OrganizationFactory())
    with pytest.raises(RuntimeError, match="clear_history"), transaction.atomic():
        way(entry)
    assert LogEntry.objects.filter(pk=entry.pk).exists()


def test_an_entry_outlives_the_kind_of_its_record():
    entry = latest(OrganizationFactory())
    with pytest.raises(RuntimeError, match="clear_history"):
        entry.content_type.delete()


def aged(days):
    entry = latest(OrganizationFactory())
    LogEntry.objects.filter(pk=entry.pk).update(timestamp=timezone.now() - datetime.timedelta(days=days))
    return entry


def test_entries_go_by_their_age_alone_and_leave_a_trace():
    old, young = aged(days=800), aged(days=400)
    before = timezone.localdate() - datetime.timedelta(days=700)
    call_command("clear_history", "--before", str(before), stdout=(out := io.StringIO()))
    left = set(LogEntry.objects.values_list("pk", flat=True))
    assert (old.pk in left, young.pk in left) == (False, True)
    assert out.getvalue() == "1 entries removed\n"
    assert LogEntry.objects.latest("pk").object_repr == f"1 < {before}"


def test_the_last_year_stays():
    aged(days=300)
    with pytest.raises(CommandError, match="365 days"):
        call_command("clear_history", "--before", str(timezone.localdate()))


# -- searching --------------------------------------------------------------------------------------------------------


@pytest.fixture
def known(officer, director):
    """An entry of each kind of finding it: by whom, about what, when and from where."""
    with acting(officer, "192.0.2.7", "abc"):
        lead = LeadFactory(title="Battery plant", organization=OrganizationFactory(name="日本電気"))
    with acting(director, "192.0.2.8", "def"):
        OrganizationFactory(name="Fujitsu")
    found = LogEntry.objects.get_for_object(lead).get()
    LogEntry.objects.filter(pk=found.pk).update(timestamp=datetime.datetime(2024, 7, 31, 20, tzinfo=datetime.UTC))
    return found


def finds(entry, text):
    found = set(search(LogEntry.objects.all(), text))
    return entry in found and not found & set(LogEntry.objects.filter(object_repr="Fujitsu"))


@pytest.mark.parametrize(
    "text", ["battery", "officer", "192.0.2.7", "abc", "2024-07-31", "2024-07", "2024", "battery 2024 officer"]
)
def test_an_entry_is_found_by(known, text):
    assert finds(known, text)


def test_an_entry_is_found_by_the_number_of_its_record(known):
    assert finds(known, f"L-{known.object_id:06d}")
    assert finds(known, f"l-{known.object_id}")
    assert not finds(known, f"O-{known.object_id:06d}")


def test_an_entry_is_found_by_the_name_of_a_user_who_is_gone(known):
    LogEntry.objects.filter(pk=known.pk).update(actor=None)
    assert finds(known, "officer 2024-07")


def test_a_day_is_that_of_the_reader(known):
    with timezone.override("Asia/Tokyo"):
        assert finds(known, "2024-08-01")
        assert not finds(known, "2024-07")


@pytest.mark.parametrize("text", ["2024-13", "0000", "9999-12-31", "9999", "X-1", "\x00", "%", "nobody", "2024-06"])
def test_what_fits_nothing_finds_nothing(known, text):
    assert not finds(known, text)
