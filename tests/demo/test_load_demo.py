"""The whole demo: the sample around the conference, and a second run."""

import datetime
import io
import stat
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.contrib.auth.hashers import identify_hasher
from django.core.management import call_command
from django.utils import timezone

from core.access import SYSTEM
from core.accounts import User
from crm.leads import STAGE_FLOW
from crm.models import Interaction, Lead, LiaisonStation, Organization, Person
from demo.calendar import today_at_the_office
from demo.models import DemoRecord
from events.models import Event, Guest, Session, Visit
from projects.models import Batch, Contract, ContractParty, Project, ProjectAmount, ProjectStatusChange, Zone

pytestmark = pytest.mark.usefixtures("demo")
REAL_AND_SAMPLE = {
    Organization: (6 + 305, 41),
    Person: (2, 60),
    LiaisonStation: (2, 0),
    Zone: (1, 2),
    Lead: (0, 46),
    Interaction: (0, 66),
    Event: (2, 6),
    Session: (5, 20),
    Guest: (2, 48),
    Visit: (3, 7),
    Project: (0, 10),
    Batch: (1, 2),
    Contract: (3, 11),
}


def load(**options):
    output = io.StringIO()
    call_command("load_demo", stdout=output, **options)
    return output.getvalue()


def rows():
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize("model", REAL_AND_SAMPLE, ids=lambda model: model.__name__)
def test_what_is_real_and_what_is_marked_as_sample(model):
    marks = Counter(model.objects.values_list("is_sample", flat=True))
    assert (marks[False], marks[True]) == REAL_AND_SAMPLE[model]


@pytest.mark.parametrize("model", REAL_AND_SAMPLE, ids=lambda model: model.__name__)
def test_every_record_passes_its_own_checks(model):
    for record in model.objects.all():
        record.full_clean()


def test_second_run_adds_nothing():
    before = rows()
    assert load().startswith("Demo: everything is there.")
    assert rows() == before


def test_second_run_keeps_what_users_changed():
    company = Organization.objects.get(listed_code="6701")
    company.name_en = "NEC (checked)"
    company.save()
    company.aliases.all().delete()
    lead = Lead.objects.filter(stage="new").first()
    STAGE_FLOW.move(lead, "contacted")
    Contract.objects.get(number="SAMPLE-001").archive("Entered twice")
    load(quiet=True)
    company.refresh_from_db()
    lead.refresh_from_db()
    assert (company.name_en, company.aliases.count(), lead.stage) == ("NEC (checked)", 0, "contacted")
    assert Contract.objects.get(number="SAMPLE-001").is_archived


def test_later_runs_count_days_from_the_first(monkeypatch):
    tomorrow = today_at_the_office() + datetime.timedelta(days=1)
    monkeypatch.setattr("demo.known.today_at_the_office", lambda: tomorrow)
    visit = Visit.objects.filter(is_sample=True).first()
    held_on, key = visit.held_on, DemoRecord.objects.get(model="events.Visit", object_id=visit.pk).key
    load(quiet=True)
    assert Visit.objects.get(pk=visit.pk).held_on == held_on
    assert DemoRecord.objects.get(model="events.Visit", key=key).loaded_on < tomorrow


def test_deleted_record_is_made_again():
    zone = Zone.objects.get(name_en="South Life and Health Area (sample)")
    Contract.objects.filter(zone=zone).update(zone=None)
    Project.objects.filter(zone=zone).update(zone=None)
    zone.delete()
    assert load().startswith("Demo: 1 records added.")
    assert Zone.objects.filter(name_en="South Life and Health Area (sample)").count() == 1


def test_no_organization_is_there_twice():
    for field in ("name", "corporate_number", "listed_code"):
        counted = Counter(Organization.objects.exclude(**{field: ""}).values_list(field, flat=True))
        assert [value for value, times in counted.items() if times > 1] == []
    assert Organization.objects.filter(name__contains="野村総合研究所").count() == 1


def test_directory_names_its_source():
    directory = Organization.objects.filter(source="EDINET, PDL1.0")
    assert directory.count() == 305
    assert not directory.exclude(country="JP").exists()
    assert not directory.filter(corporate_number="").exists()
    assert not directory.filter(sectors=None).exists()


@pytest.mark.parametrize("model", [Lead, Project])
def test_history_leads_step_by_step_to_the_stage(model):
    for record in model.objects.all():
        steps = list(record.stage_changes.all())
        assert (steps[0].from_value, steps[0].changed_at) == ("", record.created_at)
        assert [step.from_value for step in steps[1:]] == [step.to_value for step in steps[:-1]]
        assert [step.changed_at for step in steps] == sorted(step.changed_at for step in steps)
        assert steps[-1].to_value == record.stage
        assert {step.changed_by for step in steps[1:]} <= {record.owner}


def test_projects_come_from_converted_leads():
    for project in Project.objects.all():
        last = project.lead.stage_changes.last()
        assert (last.to_value, last.reason, last.changed_at) == ("converted", project.reference, project.created_at)
        assert project.investors.first().organization == project.lead.organization
    assert Lead.objects.filter(stage="converted").count() == Project.objects.count()


def test_ended_projects_say_why_when_and_where_to():
    ended = ProjectStatusChange.objects.filter(to_value__in=("lost", "terminated")).order_by("to_value")
    assert [(row.to_value, row.lost_reason.code, row.lost_to) for row in ended] == [
        ("lost", "cost", "其他城市（样本）"),
        ("terminated", "financing", ""),
    ]
    assert all(row.reason and row.ended_on for row in ended)


def test_amounts_of_a_project_are_kept_apart():
    amounts = ProjectAmount.objects.filter(project__name_en="Kirisawa Precision Gearbox Plant")
    assert [(a.kind, int(a.amount), a.currency, a.as_written) for a in amounts] == [
        ("announced", 320_000_000, "CNY", "3.2亿元"),
        ("contracted", 300_000_000, "CNY", "3亿元"),
        ("paid_in", 150_000_000, "CNY", "1.5亿元"),
        ("paid_in", 90_000_000, "CNY", "9000万元"),
        ("verified", 240_000_000, "CNY", "2.4亿元"),
    ]


def test_signatories_sign_for_their_own_organization():
    signed = ContractParty.objects.filter(signatories__isnull=False)
    assert signed.count() == 22
    for party in signed:
        for person in party.signatories.all():
            assert person.affiliations.filter(organization=party.organization).exists()


def test_sample_batches_are_signed_at_their_events():
    batches = Batch.objects.filter(is_sample=True).with_recorded(SYSTEM).order_by("signed_on")
    assert [(b.progress(SYSTEM), b.session.event.kind.code) for b in batches] == [
        ("3 of 4 recorded", "seminar"),
        ("2 of 2 recorded", "round_table"),
    ]


def test_interactions_take_place_in_working_hours_at_the_station():
    for interaction in Interaction.objects.all():
        local = interaction.starts_at.astimezone(ZoneInfo(interaction.station.time_zone))
        assert local.weekday() < 5
        assert 9 <= local.hour < 19
        assert all((interaction.subject, interaction.minutes, interaction.staff.exists()))


def test_interactions_follow_the_lead_that_they_are_about():
    for interaction in Interaction.objects.exclude(lead=None):
        assert interaction.starts_at.date() >= interaction.lead.created_at.date()


def test_people_know_where_their_data_come_from():
    for person in Person.objects.all():
        assert all((person.collected_on, person.collected_at, person.collected_from))
        assert person.affiliations.count() == 1


def test_nothing_invented_is_said_about_real_organizations():
    real = Organization.objects.filter(is_sample=False)
    assert not Lead.objects.filter(organization__in=real).exists()
    assert not Interaction.objects.filter(organizations__in=real).exists()
    assert not ContractParty.objects.filter(contract__is_sample=True, organization__in=real).exists()
    assert not Guest.objects.filter(is_sample=True, organization__in=real).exists()
    assert not Visit.objects.filter(is_sample=True, organization__in=real).exists()


def test_there_is_something_to_show_today():
    today = timezone.localdate()
    assert Lead.objects.overdue(today).exists()
    assert Lead.objects.open().filter(next_step_on__gte=today).exists()
    assert Event.objects.upcoming(today).count() == 2
    assert Guest.objects.filter(lead__isnull=False).count() == 3
    assert Visit.objects.filter(lead__isnull=False).count() == 5


def test_users_and_their_roles():
    users = User.objects.order_by("username")
    assert [(u.username, u.groups.get().name, u.language, u.time_zone, u.is_staff) for u in users] == [
        ("api", "Integration", "en", "Asia/Shanghai", False),
        ("auditor", "Auditor", "en", "Asia/Shanghai", True),
        ("contracts", "Contract manager", "zh-hans", "Asia/Shanghai", True),
        ("director", "Director", "zh-hans", "Asia/Shanghai", True),
        ("events", "Event manager", "zh-hans", "Asia/Shanghai", True),
        ("suzhou", "Officer", "zh-hans", "Asia/Shanghai", True),
        ("tokyo", "Officer", "ja", "Asia/Tokyo", True),
    ]
    assert not users.filter(is_superuser=True).exists()


def test_stations_and_their_members():
    members = {
        station.city: [(m.user.username, m.role) for m in station.memberships.order_by("user__username")]
        for station in LiaisonStation.objects.all()
    }
    assert members == {
        "苏州市": [("contracts", "officer"), ("director", "head"), ("events", "officer"), ("suzhou", "officer")],
        "東京都": [("contracts", "officer"), ("events", "officer"), ("tokyo", "officer")],
    }


def test_password_is_printed_again_and_readable_by_the_owner_only(demo):
    file = demo / "demo-password"
    password = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(password) >= 12
    lines = load().splitlines()
    assert f"tokyo      Officer           {password}" in lines
    assert "api        Integration       none: signs in with a token" in lines


def test_password_that_a_user_changed_stays():
    user = User.objects.get(username="suzhou")
    user.set_password("another one 77")
    user.save()
    assert "suzhou     Officer           changed" in load().splitlines()
    user.refresh_from_db()
    assert user.check_password("another one 77")


def test_lost_password_file_changes_nobody(demo):
    (demo / "demo-password").rename(demo / "moved")
    try:
        assert "tokyo      Officer           changed" in load().splitlines()
        assert not (demo / "demo-password").exists()
    finally:
        (demo / "moved").rename(demo / "demo-password")


def test_program_has_no_password():
    assert not User.objects.get(username="api").has_usable_password()
    assert identify_hasher(User.objects.get(username="tokyo").password)


def test_quiet_run_prints_nothing():
    assert load(quiet=True) == ""
