"""Cells of lists and exports, derived from the models."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.utils import translation

from core import columns
from core.columns import Column, Columns, parts, record_columns
from crm.models import Alias, Interaction, Lead, Organization, Person
from events.models import Guest, Session
from projects.models import Contract
from tests.factories import (
    AliasFactory,
    ContractFactory,
    GuestFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    PersonFactory,
    SessionFactory,
    StationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def read(declared, user, queryset=None):
    """Every record as a dict by code."""
    queryset = declared.model.objects.order_by("pk") if queryset is None else queryset
    return [row for _pk, row in declared.records(queryset, user)]


def of(model, name):
    return columns.derive(model, name)


# -- kinds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "name", "kind"),
    [
        (Organization, "name", "text"),
        (Organization, "is_sample", "boolean"),
        (Organization, "country", "text"),
        (Lead, "jobs", "integer"),
        (Lead, "id", "integer"),
        (Lead, "interest_amount", "decimal"),
        (Lead, "received_on", "date"),
        (Lead, "created_at", "datetime"),
        (Session, "starts_at", "time"),
        (Contract, "file", "text"),
    ],
)
def test_a_field_gives_a_column_of_its_kind(model, name, kind):
    (column,) = of(model, name)
    assert (column.code, column.kind) == (name, kind)


@pytest.mark.parametrize(("name", "nullable"), [("jobs", True), ("title", False)])
def test_a_column_says_whether_it_can_be_empty(name, nullable):
    assert of(Lead, name)[0].nullable is nullable


def test_choices_are_offered_by_value():
    (column,) = of(Organization, "kind")
    assert column.choices()["company"] == "Company"


def test_headings_are_in_the_language_of_the_reader():
    (column,) = of(Organization, "name")
    with translation.override("ja"):
        assert str(column.label) != "Name"
    assert str(column.label) == "Name"


def test_a_name_that_is_no_field_is_an_error():
    with pytest.raises(FieldDoesNotExist, match=r"crm.Lead: no column can be derived from 'colour'"):
        Columns(Lead, "colour").all  # noqa: B018


# -- relations --------------------------------------------------------------------------------------------------------


def test_a_foreign_key_is_an_id_and_a_name(officer):
    parent = OrganizationFactory(name="日本電気")
    OrganizationFactory(parent=parent)
    rows = read(Columns(Organization, "parent"), officer)
    assert rows == [{"parent": None, "parent_display": ""}, {"parent": parent.pk, "parent_display": "日本電気"}]


def test_both_columns_of_a_foreign_key_have_headings():
    identifier, display = of(Lead, "organization")
    assert (str(identifier.label), str(display.label)) == ("Organization (ID)", "Organization")


def test_names_are_in_the_language_of_the_reader(officer):
    OrganizationFactory(parent=OrganizationFactory(name="日本電気", name_en="NEC Corporation", name_zh="日本电气"))
    names = []
    for language in ("en", "zh-hans", "ja"):
        with translation.override(language):
            names.append(read(Columns(Organization, "parent"), officer)[1]["parent_display"])
    assert names == ["NEC Corporation", "日本电气", "日本電気"]


def test_a_person_is_named_as_elsewhere(officer):
    person = PersonFactory(family_name="山田", given_name="太郎", family_latin="Yamada", given_latin="Taro")
    GuestFactory(person=person)
    assert read(Columns(Guest, "person"), officer)[0]["person_display"] == str(person) == "Yamada Taro"


def test_a_relation_to_a_record_out_of_reach_looks_empty(officer, stranger, tokyo_station):
    lead = LeadFactory(station=tokyo_station, title="Battery plant")
    GuestFactory(lead=lead)
    assert read(Columns(Guest, "lead"), officer) == [{"lead": lead.pk, "lead_display": "Battery plant"}]
    assert read(Columns(Guest, "lead"), stranger) == [{"lead": None, "lead_display": ""}]


def test_a_relation_to_a_record_that_the_reader_has_no_right_to_looks_empty(nobody, tokyo_station):
    GuestFactory(lead=LeadFactory(station=tokyo_station))
    assert read(Columns(Guest, "lead"), nobody) == [{"lead": None, "lead_display": ""}]


def test_several_links_are_lists_in_the_order_of_linking(officer):
    talk = InteractionFactory()
    first, second = OrganizationFactory(name="B"), OrganizationFactory(name="A")
    talk.organizations.add(first)
    talk.organizations.add(second)
    assert read(Columns(Interaction, "organizations"), officer) == [
        {"organizations": [first.pk, second.pk], "organizations_display": ["B", "A"]}
    ]


def test_without_links_the_list_is_empty(officer):
    InteractionFactory()
    assert read(Columns(Interaction, "people"), officer) == [{"people": [], "people_display": []}]


def test_links_to_records_without_a_right_are_left_out(nobody):
    InteractionFactory().organizations.add(OrganizationFactory())
    assert read(Columns(Interaction, "organizations"), nobody)[0] == {"organizations": [], "organizations_display": []}


# -- other columns ----------------------------------------------------------------------------------------------------


def test_the_reference_is_that_of_the_record(officer):
    lead = LeadFactory()
    assert read(Columns(Lead, "reference"), officer) == [{"reference": lead.reference}]


def test_a_file_is_an_address_or_nothing(officer):
    Contract.objects.filter(pk=ContractFactory().pk).update(file="projects.contract/ab/signed.pdf")
    ContractFactory()
    assert [row["file"] for row in read(Columns(Contract, "file"), officer)] == [
        "/files/projects.contract/ab/signed.pdf",
        "",
    ]


def test_values_keep_their_types(officer):
    LeadFactory(
        interest_amount=Decimal("12.50"), interest_currency="JPY", received_on=datetime.date(2024, 2, 29), jobs=0
    )
    (row,) = read(Columns(Lead, "interest_amount", "interest_currency", "received_on", "jobs", "stage"), officer)
    assert row == {
        "interest_amount": Decimal("12.50"),
        "interest_currency": "JPY",
        "received_on": datetime.date(2024, 2, 29),
        "jobs": 0,
        "stage": "new",
    }


def test_parts_are_lists_of_objects(officer):
    organization = OrganizationFactory()
    AliasFactory(organization=organization, name="NEC", kind="acronym")
    AliasFactory(organization=organization, name="Nippon Electric", kind="former")
    AliasFactory(name="of another")
    aliases = Columns(Organization, parts("aliases", Alias, Columns(Alias, "name", "kind")))
    (row,) = read(aliases, officer, Organization.objects.filter(pk=organization.pk))
    assert row["aliases"] == [{"name": "NEC", "kind": "acronym"}, {"name": "Nippon Electric", "kind": "former"}]


def test_parts_of_records_out_of_reach_are_left_out(stranger, nobody):
    AliasFactory()
    aliases = Columns(Organization, parts("aliases", Alias, Columns(Alias, "name")))
    assert [len(read(aliases, user)[0]["aliases"]) for user in (stranger, nobody)] == [1, 0]


# -- declarations -----------------------------------------------------------------------------------------------------


def test_the_order_is_that_of_the_declaration():
    codes = [column.code for column in Columns(Lead, "title", "organization", "id").all]
    assert codes == ["title", "organization", "organization_display", "id"]


def test_parts_are_shown_in_lists_only_where_asked_for():
    declared = Columns(Organization, "name", parts("aliases", Alias, Columns(Alias, "name")))
    assert [column.code for column in declared.listed()] == ["name"]
    assert [column.code for column in declared.all] == ["name", "aliases"]


def test_chosen_columns_come_in_the_order_asked_for():
    declared = Columns(Lead, "id", "title", "stage")
    assert [column.code for column in declared.chosen(["stage", "id"])] == ["stage", "id"]
    assert declared.chosen(None) == declared.listed()


def test_an_unknown_column_is_named():
    with pytest.raises(KeyError, match="colour"):
        Columns(Lead, "id").chosen(["id", "colour"])


def test_a_record_begins_with_its_number_and_ends_with_its_history():
    codes = [column.code for column in record_columns(Lead, "title").all]
    assert codes[:3] == ["id", "reference", "title"]
    assert codes[-2:] == ["archived_at", "archive_reason"]


# -- reading ----------------------------------------------------------------------------------------------------------


def test_rows_come_in_the_order_of_the_queryset(officer):
    OrganizationFactory(name="A")
    OrganizationFactory(name="B")
    rows = read(Columns(Organization, "name"), officer, Organization.objects.order_by("-name"))
    assert [row["name"] for row in rows] == ["B", "A"]


def test_rows_without_columns_still_name_their_records(officer):
    organization = OrganizationFactory()
    assert list(Columns(Organization).rows(Organization.objects.all(), officer)) == [(organization.pk, [])]


def test_an_empty_queryset_gives_no_rows(officer):
    assert read(Columns(Organization, "name", "parent", "sectors"), officer) == []


def test_relations_are_read_once_for_each_chunk(officer, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(columns, "CHUNK", 2)
    talks = InteractionFactory.create_batch(4)
    for talk in talks:
        talk.people.add(PersonFactory())
    declared = Columns(Interaction, "subject", "people")
    officer.get_all_permissions()
    with django_assert_num_queries(1 + 2):  # the rows; for both chunks the links with the people
        assert len(read(declared, officer)) == 4


def test_two_columns_of_one_relation_share_its_query(officer, django_assert_num_queries):
    GuestFactory.create_batch(3, lead=LeadFactory(owner=officer))
    officer.get_all_permissions()
    with django_assert_num_queries(3):  # the guests, their links, the leads
        read(Columns(Guest, "lead"), officer)


def test_no_column_reads_more_than_it_shows(officer, django_assert_num_queries):
    StationFactory.create_batch(3)
    SessionFactory.create_batch(3)
    declared = Columns(Session, "title", "event", "unveils")
    with django_assert_num_queries(1):
        assert len(read(declared, officer)) == 3


def test_a_cell_can_be_made_of_several_paths(officer):
    full = Column("who", "Who", paths=("family_name", "given_name"), value="{}/{}".format)
    PersonFactory(family_name="山田", given_name="太郎")
    assert read(Columns(Person, full), officer) == [{"who": "山田/太郎"}]


def test_a_column_that_loads_nothing_for_a_record_is_empty(officer):
    PersonFactory()
    loaded = [Column(kind, kind, kind, load=lambda user, pks: {}) for kind in ("text", "list", "parts", "integer")]
    assert read(Columns(Person, *loaded), officer) == [{"text": "", "list": [], "parts": [], "integer": None}]


def test_loaders_are_told_who_reads(officer):
    asked = []
    column = Column("mine", "Mine", load=lambda user, pks: asked.append((user, list(pks))) or {})
    user = UserFactory()
    person = PersonFactory()
    read(Columns(Person, column), user)
    assert asked == [(user, [person.pk])]
