"""Which records a list is about."""

import datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from core.filters import asked_filters
from crm.filters import InteractionFilterSet, LeadFilterSet, OrganizationFilterSet, PersonFilterSet, SectorFilterSet
from crm.models import Interaction, Lead, Organization, Person, Sector
from events.filters import GuestFilterSet
from events.models import Guest
from tests.factories import (
    AffiliationFactory,
    GuestFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    PersonFactory,
    SectorFactory,
)

pytestmark = pytest.mark.django_db


def bound(filterset, user, parameters, queryset=None):
    lists = MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in parameters.items()})
    queryset = filterset._meta.model.objects.all() if queryset is None else queryset
    return filterset(lists, queryset=queryset, request=SimpleNamespace(user=user))


def found(filterset, user, **parameters):
    asked = bound(filterset, user, parameters)
    assert asked.is_valid(), asked.errors
    return set(asked.qs)


def errors(filterset, user, **parameters):
    asked = bound(filterset, user, parameters)
    return {name: [error.code for error in caught.as_data()] for name, caught in asked.errors.items()}


# -- archive ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "shown"),
    [
        ({}, "c"),
        ({"archived": ""}, "c"),
        ({"archived": "false"}, "c"),
        ({"archived": "true"}, "a"),
        ({"archived": "all"}, "ac"),
    ],
)
def test_archived_records_are_shown_only_when_asked_for(parameters, shown, officer):
    LeadFactory(title="c")
    LeadFactory(title="a").archive("registered twice")
    assert "".join(sorted(lead.title for lead in found(LeadFilterSet, officer, **parameters))) == shown


def test_an_unknown_archive_state_is_refused(officer):
    assert errors(LeadFilterSet, officer, archived="maybe") == {"archived": ["invalid_choice"]}


# -- relations --------------------------------------------------------------------------------------------------------


def test_a_relation_filters_by_id(officer):
    lead = LeadFactory()
    LeadFactory()
    assert found(LeadFilterSet, officer, organization=str(lead.organization_id)) == {lead}


def test_a_record_out_of_reach_is_refused_like_one_that_does_not_exist(stranger, tokyo_station):
    lead = LeadFactory(station=tokyo_station)
    GuestFactory(lead=lead)
    assert errors(GuestFilterSet, stranger, lead=str(lead.pk)) == {"lead": ["invalid_choice"]}
    assert errors(GuestFilterSet, stranger, lead="999999") == {"lead": ["invalid_choice"]}


def test_a_record_in_reach_is_accepted(officer, tokyo_station):
    guest = GuestFactory(lead=LeadFactory(station=tokyo_station))
    assert found(GuestFilterSet, officer, lead=str(guest.lead_id)) == {guest}


def test_choices_are_those_in_reach(officer, tokyo_station):
    lead = LeadFactory(station=tokyo_station)
    LeadFactory()
    filterset = bound(GuestFilterSet, officer, {}, Guest.objects.all())
    assert list(filterset.form.fields["lead"].queryset) == [lead]


def test_without_a_reader_there_are_no_choices():
    LeadFactory()
    filterset = GuestFilterSet({}, queryset=Guest.objects.all(), request=None)
    assert not filterset.form.fields["lead"].queryset.exists()


def test_links_match_any_of_the_ids(officer):
    first, second = PersonFactory(), PersonFactory()
    talks = InteractionFactory.create_batch(3)
    talks[0].people.add(first, second)
    talks[1].people.add(second)
    assert found(InteractionFilterSet, officer, people=[str(first.pk), str(second.pk)]) == set(talks[:2])


def test_a_record_that_matches_twice_is_listed_once(officer):
    organization = OrganizationFactory()
    person = PersonFactory()
    AffiliationFactory.create_batch(2, person=person, organization=organization)
    asked = bound(PersonFilterSet, officer, {"organization": str(organization.pk)}, Person.objects.all())
    assert list(asked.qs) == [person]


@pytest.mark.parametrize("value", ["x", "0", "-1", "1.5", "99999999999999999999", "1'", "\x00"])
def test_what_is_no_id_is_refused(value, officer):
    assert list(errors(LeadFilterSet, officer, organization=value)) == ["organization"]


# -- values -----------------------------------------------------------------------------------------------------------


def test_one_or_several_choices(officer):
    japan, china, _other = (OrganizationFactory(country=country) for country in ("JP", "CN", "DE"))
    assert found(OrganizationFilterSet, officer, country="JP") == {japan}
    assert found(OrganizationFilterSet, officer, country__in="JP,CN") == {japan, china}


@pytest.mark.parametrize("name", ["stage", "stage__in"])
def test_an_unknown_choice_is_refused(name, officer):
    assert list(errors(LeadFilterSet, officer, **{name: "lost"})) == [name]


def test_the_time_of_creation_includes_its_beginning_and_not_its_end(officer):
    noon = timezone.make_aware(datetime.datetime(2024, 1, 1, 12))  # noqa: DTZ001
    lead = LeadFactory(created_at=noon)
    assert found(LeadFilterSet, officer, created_after=noon.isoformat()) == {lead}
    assert found(LeadFilterSet, officer, created_before=noon.isoformat()) == set()


def test_a_plain_date_begins_at_midnight_of_the_reader(officer):
    lead = LeadFactory(created_at=datetime.datetime(2024, 1, 1, 16, tzinfo=datetime.UTC))
    with timezone.override("Asia/Shanghai"):
        assert found(LeadFilterSet, officer, created_after="2024-01-02") == {lead}
    with timezone.override("UTC"):
        assert found(LeadFilterSet, officer, created_after="2024-01-02") == set()


@pytest.mark.parametrize("value", ["yesterday", "2024-13-01", "2024-02-30"])
def test_what_is_no_date_is_refused(value, officer):
    assert list(errors(LeadFilterSet, officer, created_after=value)) == ["created_after"]


@pytest.mark.parametrize(("name", "yes"), [("open", "ab"), ("overdue", "a")])
def test_yes_and_no_divide_the_list(name, yes, officer):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    LeadFactory(title="a", next_step_on=yesterday)
    LeadFactory(title="b")
    LeadFactory(title="c", next_step_on=yesterday, stage="disqualified")
    answers = {
        answer: "".join(sorted(lead.title for lead in found(LeadFilterSet, officer, **{name: answer})))
        for answer in ("true", "false")
    }
    assert answers == {"true": yes, "false": "".join(sorted(set("abc") - set(yes)))}


# -- search -----------------------------------------------------------------------------------------------------------


def test_search_finds_any_script(officer):
    organization = OrganizationFactory(name="日本電気")
    OrganizationFactory(name="三菱電機")
    assert found(OrganizationFilterSet, officer, search="日本电气") == {organization}


def test_search_goes_together_with_filters(officer):
    OrganizationFactory(name="日本電気", country="CN")
    japan = OrganizationFactory(name="日本電気", country="JP")
    assert found(OrganizationFilterSet, officer, search="日本", country="JP") == {japan}


def test_nul_in_a_search_is_refused(officer):
    assert errors(OrganizationFilterSet, officer, search="a\x00b") == {"search": ["null_characters_not_allowed"]}


def test_a_reference_list_is_searched_by_code_and_every_name(officer):
    sector = SectorFactory(code="robots", name_en="Robots", name_zh="机器人", name_ja="ロボット")
    for word in ("robots", "机器", "ロボ"):
        assert sector in found(SectorFilterSet, officer, search=word)
    assert found(SectorFilterSet, officer, search="no such sector") == set()


def test_a_reference_list_tells_what_is_in_use(officer):
    retired = SectorFactory(retired_on=timezone.localdate())
    assert retired in found(SectorFilterSet, officer, in_use="false")
    assert retired not in found(SectorFilterSet, officer, in_use="true")
    assert found(SectorFilterSet, officer) == set(Sector.objects.all())


def test_a_filter_never_widens_the_queryset_it_is_given(officer):
    LeadFactory()
    asked = bound(LeadFilterSet, officer, {"archived": "all"}, Lead.objects.none())
    assert not asked.qs.exists()


def test_an_unknown_parameter_is_left_to_the_caller(officer):
    organization = OrganizationFactory()
    assert found(OrganizationFilterSet, officer, colour="red") == {organization}
    assert set(Organization.objects.all()) == {organization}
    assert not Interaction.objects.exists()


# -- only what is asked for --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "made"),
    [
        ({}, []),
        ({"stage": "new", "page_size": "5"}, ["stage"]),
        ({"archived": "all", "stage__in": "new,contacted"}, ["archived", "stage__in"]),
    ],
)
def test_only_filters_that_are_asked_for_are_made(parameters, made, officer):
    asked = asked_filters(LeadFilterSet, parameters, queryset=Lead.objects.all(), request=SimpleNamespace(user=officer))
    assert sorted(asked.form.fields) == made
    assert len(LeadFilterSet.base_filters) > len(made)


def test_without_any_filter_current_records_are_found(officer):
    lead, archived = LeadFactory.create_batch(2)
    archived.archive("Twice")
    asked = asked_filters(LeadFilterSet, {}, queryset=Lead.objects.all(), request=SimpleNamespace(user=officer))
    assert asked.is_valid()
    assert list(asked.qs) == [lead]
