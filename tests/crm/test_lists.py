import datetime

import pytest
from django.db.models import ProtectedError
from django.utils import timezone, translation

from core.reference import refuse_retired_links
from crm.models import Channel, LostReason, Organization, Sector
from tests import ways
from tests.factories import ChannelFactory, LeadFactory, LostReasonFactory, OrganizationFactory, SectorFactory
from tests.rules import refusals, refused

pytestmark = pytest.mark.django_db


def in_days(days):
    return timezone.localdate() + datetime.timedelta(days)


@pytest.mark.parametrize(("model", "count"), [(Sector, 21), (Channel, 9), (LostReason, 8)])
def test_an_agency_starts_with_filled_lists_in_three_languages(model, count):
    entries = model.objects.all()
    assert len(entries) == count
    assert all(entry.name_en and entry.name_zh and entry.name_ja for entry in entries)
    assert entries.last().code == "other"


@pytest.mark.parametrize(("language", "name"), [("en", "Semiconductors"), ("zh-hans", "半导体"), ("ja", "半導体")])
def test_entries_are_named_in_the_language_of_the_reader(language, name):
    with translation.override(language):
        assert str(Sector.objects.get(code="semiconductors")) == name


@pytest.mark.parametrize(("retired_on", "in_use"), [(None, True), (1, True), (0, False), (-1, False)])
def test_an_entry_is_in_use_until_the_day_it_retires(retired_on, in_use):
    sector = SectorFactory(retired_on=None if retired_on is None else in_days(retired_on))
    assert Sector.objects.in_use().filter(pk=sector.pk).exists() is in_use


def test_a_code_is_used_once():
    assert refusals(SectorFactory.build(code="semiconductors")) == {"code": ["Sector with this Code already exists."]}


def test_an_entry_in_use_is_not_deleted():
    lead = LeadFactory(sector=SectorFactory())
    with pytest.raises(ProtectedError):
        lead.sector.delete()


@pytest.mark.parametrize(("field", "factory"), [("channel", ChannelFactory), ("sector", SectorFactory)])
def test_a_retired_entry_is_not_chosen_anew(field, factory):
    lead = LeadFactory()
    setattr(lead, field, factory(name_en="Telex", retired_on=in_days(0)))
    assert refusals(lead) == {field: ["“Telex” is no longer in use. Choose another entry."]}


@pytest.mark.parametrize(("field", "factory"), [("channel", ChannelFactory), ("sector", SectorFactory)])
def test_a_retired_entry_stays_where_it_is(field, factory):
    entry = factory()
    lead = LeadFactory(**{field: entry})
    entry.retired_on = in_days(-1)
    entry.save()
    lead.refresh_from_db()
    assert refusals(lead) == {}


@pytest.mark.parametrize("way", [ways.Api, ways.ApiChange, ways.Form])
def test_a_retired_sector_is_no_sector_of_an_organization_any_more(way, logged_in, director):
    sender = way(logged_in(director), "organizations")
    answer = sender.send({("sectors",): [SectorFactory(retired_on=in_days(0)).pk]})
    assert (answer.status, answer.fields) == (400, {("sectors",)})
    assert not Organization.objects.filter(sectors__isnull=False).exists()


def test_but_it_stays_where_it_was(director):
    organization, kept, new = OrganizationFactory(), SectorFactory(), SectorFactory(name_en="Telex")
    organization.sectors.add(kept)
    Sector.objects.filter(pk__in=[kept.pk, new.pk]).update(retired_on=in_days(-1))
    refuse_retired_links(organization, "sectors", Sector.objects.filter(pk=kept.pk))
    with refused(sectors="“Telex” is no longer in use. Choose another entry."):
        refuse_retired_links(organization, "sectors", Sector.objects.filter(pk__in=[kept.pk, new.pk]))


def test_a_retired_reason_is_no_reason_any_more():
    lead = LeadFactory()
    reason = LostReasonFactory(name_en="War", retired_on=in_days(-1))
    change = lead.stage_changes.get()
    change.lost_reason = reason
    assert refusals(change) == {"lost_reason": ["“War” is no longer in use. Choose another entry."]}
