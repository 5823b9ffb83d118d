import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from core.records import StaleRecord
from core.request_context import acting
from crm.leads import STAGE_FLOW, Stage
from crm.models import Lead, LostReason
from tests.factories import (
    AliasFactory,
    LeadFactory,
    LostReasonFactory,
    OrganizationFactory,
    PersonFactory,
    UserFactory,
)
from tests.rules import refusals, refused

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2024, 7, 2)
YESTERDAY, TOMORROW = TODAY - datetime.timedelta(1), TODAY + datetime.timedelta(1)


def history(lead):
    return list(lead.stage_changes.values_list("from_value", "to_value", "reason"))


class TestQuerySets:
    @pytest.mark.parametrize(
        ("stage", "is_open"),
        [("new", True), ("contacted", True), ("qualified", True), ("converted", False), ("disqualified", False)],
    )
    def test_open_leads_are_those_that_somebody_still_works_on(self, stage, is_open):
        LeadFactory(stage=stage)
        assert Lead.objects.open().exists() is is_open

    def test_archived_leads_are_not_open(self):
        LeadFactory().archive("Registered twice")
        assert not Lead.objects.open().exists()

    def test_overdue_leads_are_open_and_their_next_step_has_passed(self):
        late = LeadFactory(next_step_on=YESTERDAY)
        for day in (TODAY, TOMORROW, None):
            LeadFactory(next_step_on=day)
        LeadFactory(stage="converted", next_step_on=YESTERDAY)
        assert list(Lead.objects.overdue(TODAY)) == [late]

    def test_leads_without_next_step_are_open_and_have_no_date(self):
        forgotten = LeadFactory(next_step="Call again")
        LeadFactory(next_step_on=TOMORROW)
        LeadFactory(stage="disqualified")
        assert list(Lead.objects.without_next_step()) == [forgotten]

    def test_leads_owned_by_somebody(self):
        lead, other = LeadFactory.create_batch(2)
        lead.collaborators.add(other.owner)
        assert list(Lead.objects.owned_by(lead.owner)) == [lead]


class TestRules:
    @pytest.mark.parametrize(
        ("amount", "currency", "refusal"),
        [
            (1000, "JPY", {}),
            (0, "CNY", {}),
            (None, "", {}),
            (1000, "", {"interest_currency": ["Give the currency of the amount."]}),
            (None, "JPY", {"interest_amount": ["Give the amount, or remove the currency."]}),
            (-1, "JPY", {"interest_amount": ["Ensure this value is greater than or equal to 0."]}),
            (1000, "XYZ", {"interest_currency": ["Value 'XYZ' is not a valid choice."]}),
            (1000, "DEM", {"interest_currency": ["Value 'DEM' is not a valid choice."]}),
        ],
    )
    def test_an_amount_and_its_currency_go_together(self, amount, currency, refusal):
        lead = LeadFactory()
        lead.interest_amount, lead.interest_currency = amount, currency
        assert refusals(lead) == refusal

    @pytest.mark.parametrize(("amount", "currency"), [(1000, ""), (None, "JPY")])
    def test_the_database_keeps_them_together_too(self, amount, currency):
        with pytest.raises(IntegrityError), transaction.atomic():
            LeadFactory(interest_amount=amount, interest_currency=currency)

    @pytest.mark.parametrize(("likelihood", "fine"), [(0, True), (100, True), (101, False), (-1, False)])
    def test_likelihood_is_a_percentage(self, likelihood, fine):
        lead = LeadFactory()
        lead.likelihood = likelihood
        assert list(refusals(lead)) == ([] if fine else ["likelihood"])

    @pytest.mark.parametrize("year", [2, 1899, 2200, 9999])
    def test_a_year_far_off_is_a_typing_error(self, year):
        lead = LeadFactory()
        lead.next_step_on = datetime.date(year, 12, 31)
        assert refusals(lead) == {"next_step_on": ["Check the year: it must be between 1900 and 2199."]}

    def test_all_mistakes_are_told_at_once(self):
        lead = LeadFactory()
        lead.title, lead.next_step, lead.received_on = "a\x00b", "x" * 256, datetime.date(20, 7, 2)
        assert set(refusals(lead)) == {"title", "next_step", "received_on"}

    def test_is_received_today_unless_told_otherwise(self):
        assert LeadFactory().received_on == timezone.localdate()


class TestSearch:
    @pytest.mark.parametrize(
        "query", ["smart", "日本电气", "nec", "tanazaki", "smart 日本電気", "l-{pk:06d}", "L-{pk}"]
    )
    def test_finds_a_lead_by_what_and_whom_it_is_about(self, query):
        organization = AliasFactory(name="NEC", organization=OrganizationFactory(name="日本電気")).organization
        contact = PersonFactory(family_latin="Tanazaki")
        lead = LeadFactory(title="Smart factory", organization=organization, contact=contact)
        LeadFactory()
        assert list(Lead.objects.search(query.format(pk=lead.pk))) == [lead]

    @pytest.mark.parametrize("query", ["L-", "L-x", "L-999999999999999999999999", "L-²", "O-000001"])
    def test_a_number_that_is_none_finds_nothing(self, query):
        LeadFactory(title="Battery plant")
        assert not Lead.objects.search(query).exists()


ALLOWED = {
    "new": {"contacted", "qualified", "disqualified"},
    "contacted": {"new", "qualified", "disqualified"},
    "qualified": {"contacted", "disqualified"},
    "disqualified": {"new", "contacted", "qualified"},
    "converted": set(),
}


class TestMoves:
    @pytest.mark.parametrize("stage", list(Stage))
    def test_where_a_person_may_move_a_lead(self, stage):
        assert set(STAGE_FLOW.targets(Lead(stage=stage))) == ALLOWED[stage]

    @pytest.mark.parametrize(("stage", "to"), [(stage, to) for stage in ALLOWED for to in sorted(ALLOWED[stage])])
    def test_every_allowed_move_works(self, stage, to):
        lead = LeadFactory(stage=stage)
        STAGE_FLOW.move(lead, to, reason="So it is", lost_reason=LostReason.objects.first())
        assert Lead.objects.get().stage == to

    @pytest.mark.parametrize(
        ("stage", "to"),
        [(stage, to) for stage in ALLOWED for to in ALLOWED if to not in ALLOWED[stage] and to != "converted"],
    )
    def test_no_other_move_does(self, stage, to):
        lead = LeadFactory(stage=stage)
        message = f"This cannot move from “{Stage(stage).label}” to “{Stage(to).label}”."
        with refused(to=message):
            STAGE_FLOW.move(lead, to, reason="I want to")
        assert history(lead) == [("", stage, "")]

    def test_only_conversion_converts(self):
        lead = LeadFactory(stage="qualified")
        with refused(to="A lead is converted by opening a project from it."):
            STAGE_FLOW.move(lead, "converted")
        assert Lead.objects.get().stage == "qualified"

    def test_an_unknown_stage_is_refused(self):
        with refused(to="“won” is not one of the choices."):
            STAGE_FLOW.move(LeadFactory(), "won")

    @pytest.mark.parametrize(
        ("stage", "to"), [("contacted", "new"), ("qualified", "contacted"), ("disqualified", "new")]
    )
    def test_a_step_back_needs_a_reason(self, stage, to):
        lead = LeadFactory(stage=stage)
        with refused(reason="Say why, so that others understand this step."):
            STAGE_FLOW.move(lead, to, reason="  ")

    def test_losing_a_lead_needs_the_reason_of_the_list(self):
        lead = LeadFactory()
        with refused(lost_reason="Choose why the lead is lost."):
            STAGE_FLOW.move(lead, "disqualified", reason="They build in Vietnam")
        assert (lead.stage, history(lead)) == ("new", [("", "new", "")])

    def test_an_archived_lead_does_not_move(self):
        lead = LeadFactory()
        lead.archive("Registered twice")
        with refused(__all__="This record is archived. Restore it first."):
            STAGE_FLOW.move(lead, "contacted")


class TestHistory:
    def test_every_move_is_a_row(self):
        officer, lost_reason = UserFactory(), LostReasonFactory()
        lead = LeadFactory()
        with acting(officer):
            STAGE_FLOW.move(lead, "contacted")
            STAGE_FLOW.move(lead, "disqualified", reason=" They build in Vietnam ", lost_reason=lost_reason)
        rows = lead.stage_changes.values_list("from_value", "to_value", "reason", "lost_reason", "changed_by")
        assert list(rows) == [
            ("", "new", "", None, None),
            ("new", "contacted", "", None, officer.pk),
            ("contacted", "disqualified", "They build in Vietnam", lost_reason.pk, officer.pk),
        ]

    def test_rows_read_in_the_language_of_the_reader(self):
        lead = LeadFactory()
        STAGE_FLOW.move(lead, "contacted")
        with translation.override("en"):
            assert [str(change) for change in lead.stage_changes.all()] == ["New", "New → Contacted"]

    def test_assigning_the_stage_is_refused(self):
        lead = LeadFactory()
        lead.stage = "converted"
        with pytest.raises(RuntimeError, match=r"crm\.Lead\.stage changes only through Flow\.move"):
            lead.save()
        assert Lead.objects.get().stage == "new"

    def test_also_where_the_stage_was_never_read(self):
        lead = Lead.objects.only("title", "version").get(pk=LeadFactory().pk)
        lead.stage = "converted"
        assert lead.notes == ""  # reads the rest, which must not make the assignment look stored
        with pytest.raises(RuntimeError):
            lead.save()

    def test_a_lead_that_was_read_in_part_can_be_saved(self):
        lead = Lead.objects.only("title", "version").get(pk=LeadFactory().pk)
        lead.title = "Another"
        lead.save()
        assert Lead.objects.get().title == "Another"

    def test_a_refreshed_lead_may_be_saved(self):
        lead = LeadFactory()
        STAGE_FLOW.move(Lead.objects.get(), "contacted")
        lead.refresh_from_db()
        lead.save()
        assert Lead.objects.get().stage == "contacted"

    def test_of_two_moves_at_once_only_one_happens(self):
        lead, seen_by_another = LeadFactory(), Lead.objects.get()
        STAGE_FLOW.move(lead, "contacted")
        with pytest.raises(StaleRecord):
            STAGE_FLOW.move(seen_by_another, "qualified")
        assert seen_by_another.stage == "new"
        assert history(lead) == [("", "new", ""), ("new", "contacted", "")]


class TestArchive:
    def test_says_when_who_and_why(self, officer):
        lead = LeadFactory()
        with acting(officer):
            lead.archive("  Registered twice ")
        stored = Lead.objects.archived().get()
        assert (stored.is_archived, stored.archived_by, stored.archive_reason) == (True, officer, "Registered twice")
        assert not Lead.objects.active().exists()

    @pytest.mark.parametrize("reason", ["", "   "])
    def test_needs_a_reason(self, reason):
        with refused(reason="Say why this is archived."):
            LeadFactory().archive(reason)

    @pytest.mark.parametrize("reason", ["x" * 256, "a\x00b"])
    def test_a_reason_that_cannot_be_stored_changes_nothing(self, reason):
        lead = LeadFactory()
        with pytest.raises(Exception, match="archive_reason"):
            lead.archive(reason)
        assert not lead.is_archived
        assert not Lead.objects.get().is_archived

    def test_happens_once(self):
        lead = LeadFactory()
        lead.archive("Registered twice")
        with refused(__all__="This record is already archived."):
            lead.archive("Again")

    def test_restoring_brings_it_back(self):
        lead = LeadFactory()
        lead.archive("Registered twice")
        lead.restore()
        stored = Lead.objects.active().get()
        assert (stored.archived_at, stored.archived_by, stored.archive_reason) == (None, None, "")

    def test_only_what_is_archived_is_restored(self):
        with refused(__all__="This record is not archived."):
            LeadFactory().restore()
