import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import access
from core.records import StaleRecord
from core.request_context import acting
from crm.models import LostReason
from projects.models import Project
from projects.projects import STAGE_FLOW, STATUS_FLOW, Stage, Status
from tests.factories import (
    AmountFactory,
    InvestorFactory,
    LostReasonFactory,
    OrganizationFactory,
    ProjectFactory,
    SectorFactory,
    UserFactory,
    ZoneFactory,
)
from tests.rules import refusals, refused

pytestmark = pytest.mark.django_db
DAY = datetime.date(2024, 7, 2)
ENDED = ("lost", "terminated")


def end(project, status="lost", **details):
    """Ends a project with everything that an end needs, unless `details` say otherwise."""
    details = {"reason": "They build elsewhere", "lost_reason": LostReason.objects.first(), "ended_on": DAY, **details}
    return STATUS_FLOW.move(project, status, **details)


class TestQuerySets:
    @pytest.mark.parametrize(
        ("status", "running"), [("active", True), ("on_hold", True), ("lost", False), ("terminated", False)]
    )
    def test_in_progress_is_what_has_not_ended(self, status, running):
        ProjectFactory(status=status)
        assert Project.objects.in_progress().exists() is running

    def test_archived_projects_are_not_in_progress(self):
        ProjectFactory().archive("Entered twice")
        assert not Project.objects.in_progress().exists()


class TestStages:
    @pytest.mark.parametrize("to", [stage for stage in Stage if stage != "negotiating"])
    def test_a_project_may_skip_stages(self, to):
        project = ProjectFactory()
        STAGE_FLOW.move(project, to)
        assert Project.objects.get().stage == to

    @pytest.mark.parametrize("to", [stage for stage in Stage if stage != "full_output"])
    def test_it_may_be_set_back_with_a_reason(self, to):
        project = ProjectFactory(stage="full_output")
        with refused(reason="Say why, so that others understand this step."):
            STAGE_FLOW.move(project, to)
        STAGE_FLOW.move(project, to, reason="Fire in the plant")
        assert Project.objects.get().stage == to

    def test_it_does_not_move_to_where_it_is(self):
        with refused(to="This cannot move from “Negotiating” to “Negotiating”."):
            STAGE_FLOW.move(ProjectFactory(), "negotiating")

    @pytest.mark.parametrize("status", ["on_hold", "lost", "terminated"])
    def test_only_an_active_project_moves_on(self, status):
        project = ProjectFactory(status=status)
        with refused(to="Only an active project moves on. Set its status to active first."):
            STAGE_FLOW.move(project, "signed")
        assert (project.stage, project.stage_changes.count()) == ("negotiating", 1)

    def test_an_archived_project_does_not_move(self):
        project = ProjectFactory()
        project.archive("Entered twice")
        for flow, to in ((STAGE_FLOW, "signed"), (STATUS_FLOW, "on_hold")):
            with refused(__all__="This record is archived. Restore it first."):
                flow.move(project, to, reason="Because")

    def test_history_rows_say_who_and_from_where_to_where(self):
        officer, project = UserFactory(), ProjectFactory()
        with acting(officer):
            STAGE_FLOW.move(project, "signed")
            STAGE_FLOW.move(project, "signing", reason="The board asked for changes")
        rows = project.stage_changes.values_list("from_value", "to_value", "reason", "changed_by")
        assert list(rows) == [
            ("", "negotiating", "", None),
            ("negotiating", "signed", "", officer.pk),
            ("signed", "signing", "The board asked for changes", officer.pk),
        ]


class TestStatus:
    @pytest.mark.parametrize("to", ["on_hold", *ENDED])
    def test_leaving_active_needs_a_reason(self, to):
        with refused(reason="Say why, so that others understand this step."):
            STATUS_FLOW.move(ProjectFactory(), to)

    @pytest.mark.parametrize("to", ENDED)
    def test_an_end_needs_the_reason_of_the_list_and_the_date(self, to):
        with refused(lost_reason="Choose why the project ended.", ended_on="Give the date on which it ended."):
            STATUS_FLOW.move(ProjectFactory(), to, reason="They build elsewhere")

    def test_putting_on_hold_needs_neither(self):
        STATUS_FLOW.move(ProjectFactory(), "on_hold", reason="New board")
        assert Project.objects.get().status == "on_hold"

    @pytest.mark.parametrize("to", ENDED)
    def test_an_end_is_a_row_with_all_of_it(self, to):
        project, lost_reason = ProjectFactory(), LostReasonFactory()
        end(project, to, lost_reason=lost_reason, lost_to="Da Nang")
        row = project.status_changes.values(
            "from_value", "to_value", "reason", "lost_reason", "ended_on", "lost_to"
        ).last()
        assert row == {
            "from_value": "active", "to_value": to, "reason": "They build elsewhere",
            "lost_reason": lost_reason.pk, "ended_on": DAY, "lost_to": "Da Nang",
        }  # fmt: skip

    def test_a_retired_reason_is_not_chosen_anew(self):
        retired = LostReasonFactory(name_en="War", retired_on=timezone.localdate())
        with refused(lost_reason="“War” is no longer in use. Choose another entry."):
            end(ProjectFactory(), lost_reason=retired)

    def test_an_end_in_an_impossible_year_is_refused(self):
        with refused(ended_on="Check the year: it must be between 1900 and 2199."):
            end(ProjectFactory(), ended_on=datetime.date(24, 7, 2))

    def test_a_project_may_come_back(self):
        project = ProjectFactory()
        end(project)
        STATUS_FLOW.move(project, "active")
        STAGE_FLOW.move(project, "signed")
        assert (project.status, project.stage) == ("active", "signed")

    def test_status_and_stage_have_histories_of_their_own(self):
        project = ProjectFactory()
        end(project)
        assert [change.to_value for change in project.status_changes.all()] == ["active", "lost"]
        assert [change.to_value for change in project.stage_changes.all()] == ["negotiating"]

    @pytest.mark.parametrize(("field", "value"), [("stage", Stage.SIGNED), ("status", Status.LOST)])
    def test_assigning_them_is_refused(self, field, value):
        project = ProjectFactory()
        setattr(project, field, value)
        with pytest.raises(RuntimeError, match=f"projects.Project.{field} changes only through Flow.move"):
            project.save()

    def test_of_two_moves_at_once_only_one_happens(self):
        project, seen_by_another = ProjectFactory(), Project.objects.get()
        STAGE_FLOW.move(project, "signed")
        with pytest.raises(StaleRecord):
            end(seen_by_another)
        assert (Project.objects.get().status, seen_by_another.status) == ("active", "active")
        assert project.status_changes.count() == 1


class TestRules:
    def test_needs_a_name_a_station_and_an_owner(self):
        assert set(refusals(Project())) == {"name", "station", "owner"}

    def test_a_retired_sector_is_not_chosen_anew(self):
        project = ProjectFactory()
        project.sector = SectorFactory(name_en="Telex", retired_on=timezone.localdate())
        assert refusals(project) == {"sector": ["“Telex” is no longer in use. Choose another entry."]}

    def test_staff_open_projects_at_their_own_station(self, officer, osaka_station):
        project = ProjectFactory.build(station=osaka_station, owner=officer)
        with acting(officer):
            assert refusals(project) == {"station": ["You do not work at this station. Choose one of your own."]}

    @pytest.mark.parametrize("query", ["clean room", "innovation zone", "P-{pk:06d}"])
    def test_is_found_by_name_and_zone(self, query):
        project = ProjectFactory(name="Clean room plant", zone=ZoneFactory(name="Innovation zone"))
        ProjectFactory()
        assert list(Project.objects.search(query.format(pk=project.pk))) == [project]


class TestScope:
    def test_members_the_owner_and_collaborators_see_it(self, officer, tokyo_station):
        owner, helper = UserFactory(role="Officer"), UserFactory(role="Officer")
        project = ProjectFactory(station=tokyo_station, owner=owner)
        project.collaborators.add(helper)
        assert [access.can(user, "change", project) for user in (officer, owner, helper)] == [True] * 3

    def test_strangers_do_not(self, stranger, tokyo_station):
        project = ProjectFactory(station=tokyo_station)
        assert not access.can(stranger, "view", project)

    def test_nor_its_amounts_and_investors(self, stranger, officer, tokyo_station):
        project = ProjectFactory(station=tokyo_station)
        for part in (AmountFactory(project=project), InvestorFactory(project=project)):
            assert access.can(officer, "view", part)
            assert not access.can(stranger, "view", part)


class TestInvestors:
    def test_is_listed_once(self):
        investor = InvestorFactory()
        again = InvestorFactory.build(project=investor.project, organization=investor.organization)
        assert refusals(again) == {"__all__": ["This investor is already listed."]}

    @pytest.mark.parametrize("share", ["0", "33.33", "100", None])
    def test_share_is_a_percentage(self, share):
        investor = InvestorFactory(share_percent=share and Decimal(share))
        assert refusals(investor) == {}

    @pytest.mark.parametrize("share", ["-0.01", "100.01", "33.333", "1000"])
    def test_any_other_share_is_refused(self, share):
        investor = InvestorFactory.build(
            project=ProjectFactory(), organization=OrganizationFactory(), share_percent=Decimal(share)
        )
        assert list(refusals(investor)) == ["share_percent"]

    def test_the_database_keeps_percentages_too(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            InvestorFactory(share_percent=101)


class TestAmounts:
    def amount(self, **fields):
        return AmountFactory.build(project=ProjectFactory(), **fields)

    def test_needs_amount_currency_and_date(self):
        assert set(refusals(self.amount(amount=None, currency="", dated_on=None))) == {"amount", "currency", "dated_on"}

    def test_an_unknown_currency_is_refused(self):
        assert refusals(self.amount(currency="RMB")) == {"currency": ["Value 'RMB' is not a valid choice."]}

    @pytest.mark.parametrize("amount", [-1, Decimal("0.001"), 10**20])
    def test_an_amount_that_cannot_be_is_refused(self, amount):
        assert list(refusals(self.amount(amount=amount))) == ["amount"]

    def test_an_exchange_rate_has_a_source(self):
        assert refusals(self.amount(currency="JPY", exchange_rate=Decimal("0.0485"))) == {
            "rate_source": ["Say where the exchange rate comes from."]
        }
        assert refusals(self.amount(currency="JPY", exchange_rate=Decimal("0.0485"), rate_source="PBOC")) == {}

    def test_an_exchange_rate_is_more_than_nothing(self):
        assert list(refusals(self.amount(exchange_rate=0, rate_source="PBOC"))) == ["exchange_rate"]

    def test_kinds_are_kept_apart(self):
        project = ProjectFactory()
        for kind in ("announced", "contracted", "paid_in", "verified"):
            AmountFactory(project=project, kind=kind)
        assert [str(amount) for amount in project.amounts.all()] == [
            "Announced: 1000.00 CNY", "Contracted: 1000.00 CNY", "Paid in: 1000.00 CNY", "Verified: 1000.00 CNY",
        ]  # fmt: skip
