"""Many records at once: all or none, with the rules of single changes."""

import pytest
from django.core.exceptions import ValidationError

from core import access, resources
from core.bulk import BulkRefused, Wanted, change_many
from crm.models import Lead
from events.models import EventKind
from tests.factories import BY_RESOURCE, LeadFactory

LEADS = "leads"


def wanted(*records):
    return [Wanted(record.pk, record.version) for record in records]


def rename(record):
    record.title = f"{record.title}!"
    record.full_clean()
    record.save()


def bulk(user, action, chosen, change):
    return change_many(resources.get(LEADS), user, action, chosen, change)


@pytest.fixture
def leads(officer, tokyo_station):
    return [LeadFactory(title=f"Lead {n}", station=tokyo_station, owner=officer) for n in range(3)]


def test_changes_all_and_raises_each_version_once(officer, leads):
    bulk(officer, "change", wanted(*leads), rename)
    assert list(Lead.objects.order_by("pk").values_list("title", "version")) == [(f"Lead {n}!", 2) for n in range(3)]


def test_answers_the_records_in_the_order_asked(officer, leads):
    changed = bulk(officer, "change", wanted(*reversed(leads)), rename)
    assert [record.pk for record in changed] == [lead.pk for lead in reversed(leads)]


def test_one_mistake_undoes_all(officer, leads):
    def change(record):
        rename(record)
        if record.pk == leads[1].pk:
            raise ValidationError("no")

    with pytest.raises(BulkRefused) as refused:
        bulk(officer, "change", wanted(*leads), change)
    assert set(refused.value.errors) == {1}
    assert list(Lead.objects.values_list("version", flat=True)) == [1, 1, 1]


def test_every_mistake_is_told_at_once(officer, leads):
    def change(record):
        raise ValidationError("no")

    with pytest.raises(BulkRefused) as refused:
        bulk(officer, "change", wanted(*leads), change)
    assert set(refused.value.errors) == {0, 1, 2}


def test_a_foreign_record_is_answered_like_none(stranger, leads, officer):
    own = LeadFactory(station=LeadFactory(owner=stranger).station, owner=stranger)

    def answers(pk):
        with pytest.raises(BulkRefused) as refused:
            bulk(stranger, "change", [*wanted(own), Wanted(pk, 1)], rename)
        return {n: [m.replace(str(pk), "#") for m in e.messages] for n, e in refused.value.errors.items()}

    assert answers(leads[0].pk) == answers(999_999) != {}
    own.refresh_from_db()
    assert own.version == 1


def test_a_stale_version_refuses_all(officer, leads):
    chosen = wanted(*leads)
    rename(Lead.objects.get(pk=leads[2].pk))
    with pytest.raises(BulkRefused) as refused:
        bulk(officer, "change", chosen, rename)
    assert refused.value.stale
    assert set(refused.value.errors) == {2}
    assert Lead.objects.get(pk=leads[0].pk).version == 1


def test_a_record_that_may_be_seen_but_not_touched(auditor, leads):
    with pytest.raises(BulkRefused) as refused:
        bulk(auditor, "change", wanted(leads[0]), rename)
    assert [e.code for e in refused.value.errors.values()] == ["forbidden"]


def test_a_record_is_named_once(leads):
    with pytest.raises(BulkRefused) as refused:
        bulk(access.SYSTEM, "change", wanted(leads[0], leads[0]), rename)
    assert [e.code for e in refused.value.errors.values()] == ["duplicate"]


def test_what_leaves_the_resource_is_refused(db):
    """Delegations are events of a kind; one cannot be changed into another through their list."""
    delegation = BY_RESOURCE["delegations"]()
    other = EventKind.objects.filter(is_delegation=False).first()

    def change(record):
        record.kind = other
        record.save()

    with pytest.raises(ValidationError):
        change_many(resources.get("delegations"), access.SYSTEM, "change", wanted(delegation), change)
    delegation.refresh_from_db()
    assert delegation.kind != other
