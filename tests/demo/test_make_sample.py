"""Sample data in bulk: what is stored past the models keeps every rule of the models."""

import datetime
import hashlib
from random import Random

import pytest
from auditlog.models import LogEntry
from django.db.models import F

from core import search_text
from core.accounts import User
from core.records import Checked, Record
from core.request_context import acting
from core.search_index import indexed_models
from core.stages import Staged
from crm.models import Interaction, Lead, LeadStageChange, Organization, Person
from demo.sample.companies import COMPOSE
from demo.sample.make import filled_models, make_sample
from projects.models import Project, ProjectStageChange

LEADS, SEED, UNTIL = 400, 7, datetime.date(2026, 3, 4)
MODELS = filled_models()
RECORDS = [model for model in MODELS if issubclass(model, Record)]
CHECKED = [model for model in MODELS if issubclass(model, Checked)]
STAGED = [model for model in MODELS if issubclass(model, Staged)]
# Of the sample above, on every database and Python. Changes when the words or the way of drawing them change.
DIGEST = "8db6bff29b3effad75e76206967e4460d64855593a6e8b6a1ff25700c61f726f"


def of(models):
    return pytest.mark.parametrize("model", models, ids=lambda model: model._meta.label)


@pytest.fixture(scope="module")
def _sample(once):
    with once(lambda: make_sample(LEADS, SEED, UNTIL)):
        yield


@pytest.fixture
def sample(_sample, db):
    """400 leads and what belongs to them."""


def digest():
    """Of the content of all tables. Numbers of rows follow from what was there before, so they count from the first."""
    found = hashlib.sha256()
    firsts = {model: model._base_manager.order_by("pk").values_list("pk", flat=True).first() for model in MODELS}
    for model in sorted(firsts.keys() - {LogEntry}, key=lambda model: model._meta.label):
        fields = [field for field in model._meta.concrete_fields if _is_content(field)]
        for row in model._base_manager.order_by("pk").values_list(*(field.attname for field in fields)):
            cells = [_cell(field, value, firsts) for field, value in zip(fields, row, strict=True)]
            found.update(repr((model._meta.label, cells)).encode())
    return found.hexdigest()


def _is_content(field):
    if field.primary_key or field.name == "search_text":  # which has a test of its own
        return False
    return not (field.remote_field and field.remote_field.model not in MODELS)  # groups


def _cell(field, value, firsts):
    if value is not None and field.remote_field:
        return value - firsts[field.remote_field.model]
    return "" if value is None else f"{value:f}" if field.get_internal_type() == "DecimalField" else str(value)


# -- rules ------------------------------------------------------------------------------------------------------------


@of(RECORDS)
def test_there_are_records_of_every_kind_and_all_say_that_they_are_invented(model, sample):
    assert set(model.objects.values_list("is_sample", flat=True)) == {True}


@of(CHECKED)
def test_every_row_keeps_the_rules_of_its_model(model, sample):
    rows = model.objects.all()
    if model is ProjectStageChange:
        rows = rows.filter(record__status=Project.Status.ACTIVE)  # the rule is about the moment of the move
    for row in rows:
        row.full_clean()


@of(indexed_models())
def test_search_finds_what_a_saved_record_would_be_found_by(model, sample):
    assert search_text.wrong(model, list(model.objects.values_list("pk", flat=True))) == []


@pytest.mark.parametrize(
    ("model", "text"), [(Organization, "日本"), (Lead, "日本"), (Interaction, "日本"), (Person, "林")]
)
def test_the_search_index_knows_the_sample(model, text, sample):
    assert model.objects.search(text).exists()


def test_companies_have_registration_numbers(sample):
    """Their check digits are among the rules above."""
    assert Organization.objects.exclude(corporate_number="").count() > 10
    assert Organization.objects.exclude(credit_code="").count() > 5


# -- histories --------------------------------------------------------------------------------------------------------


@of(STAGED)
def test_each_history_is_a_chain_that_ends_where_the_record_stands(model, sample):
    for record in model.objects.all():
        for flow in record.flows:
            rows = list(getattr(record, flow.changes).order_by("changed_at", "pk"))
            assert [row.from_value for row in rows] == ["", *(row.to_value for row in rows[:-1])]
            assert rows[-1].to_value == getattr(record, flow.field)
            assert rows[0].changed_at == record.created_at


@of(STAGED)
def test_each_move_is_one_that_the_flow_allows_and_gives_its_reason(model, sample):
    for record in model.objects.all():
        for flow in record.flows:
            for row in getattr(record, flow.changes).exclude(from_value=""):
                setattr(record, flow.field, row.from_value)
                flow.check(record, row.to_value, row.reason, rule=True)


def test_a_converted_lead_has_its_project_and_names_it(sample):
    converted = Lead.objects.filter(stage=Lead.Stage.CONVERTED)
    assert set(converted) == {project.lead for project in Project.objects.select_related("lead")}
    for change in LeadStageChange.objects.filter(to_value=Lead.Stage.CONVERTED):
        project = change.record.projects.get()
        assert (change.reason, change.changed_at) == (project.reference, project.created_at)
        assert project.investors.filter(organization=change.record.organization_id).exists()


def test_contacts_work_where_the_lead_comes_from(sample):
    leads = Lead.objects.exclude(contact=None)
    assert leads.count() > LEADS / 2
    assert not leads.exclude(contact__affiliations__organization=F("organization")).exists()


def test_owners_belong_to_the_station(sample):
    for lead in Lead.objects.select_related("station"):
        assert lead.station.memberships.filter(user=lead.owner_id).exists()


def test_the_change_history_has_each_lead_as_saving_it_would_write_it(sample):
    lead = Lead.objects.filter(contact=None).exclude(interest_amount=None).first()
    [made] = LogEntry.objects.get_for_object(lead)
    lead.pk, lead.stage, lead._state.adding = None, Lead.Stage.NEW, True
    lead.archived_at = lead.archived_by = None
    lead.archive_reason = ""
    with acting(User.objects.get(pk=lead.owner_id), made.remote_addr):
        lead.save()
    [written] = LogEntry.objects.get_for_object(lead)
    written.changes["id"] = made.changes["id"]
    written.changes["interest_amount"][1] = written.changes["interest_amount"][1].removesuffix(".00")
    # What comes later, such as the next step's day, is not in the entry of the beginning.
    later = {"next_step_on"}
    assert {k: v for k, v in made.changes.items() if k not in later} == {
        k: v for k, v in written.changes.items() if k not in later
    }
    for name in ("action", "object_repr", "actor", "additional_data", "remote_addr", "changes_text", "serialized_data"):
        assert getattr(made, name) == getattr(written, name)


def test_every_lead_has_an_entry_in_the_change_history(sample):
    entries = LogEntry.objects.get_for_model(Lead).filter(action=LogEntry.Action.CREATE)
    assert set(entries.values_list("object_id", flat=True)) == set(Lead.objects.values_list("pk", flat=True))


# -- variety ----------------------------------------------------------------------------------------------------------


def test_people_are_written_in_the_scripts_of_their_homes(sample):
    assert {"ja", "zh-hans", "zh-hant", "ko", "en"} <= set(Person.objects.values_list("language", flat=True))


@pytest.mark.parametrize(
    ("home", "text", "least", "most"),
    [
        ("japan", "日本", 400, 1600),
        ("japan", "ホクヨウ", 60, 400),
        ("japan", "銀行", 60, 400),
        ("japan", "工業", 300, 1600),
        ("china", "银行", 60, 400),
        ("china", "水泥", 300, 1600),
        ("taiwan", "電子", 300, 3000),
        ("korea", "한빛", 300, 3000),
        ("west", "GmbH", 1000, 6000),
    ],
)
def test_words_that_people_search_for_occur_now_and_then(home, text, least, most):
    """In so many of 10,000 names."""
    rng = Random(1)
    names = [" ".join(COMPOSE[home](rng)[:5]) for _number in range(10_000)]
    assert least <= sum(text in name for name in names) <= most


def test_acronyms_come_from_the_name_and_nec_is_among_them():
    rng = Random(1)
    companies = [COMPOSE["japan"](rng) for _number in range(10_000)]
    assert all(word[0] in company.acronym for company in companies for word in company.name_en.split()[:1])
    assert 20 <= sum(company.acronym == "NEC" for company in companies) <= 400


# -- the same again ---------------------------------------------------------------------------------------------------


def test_the_same_size_seed_and_day_make_the_same_content(sample):
    assert digest() == DIGEST
