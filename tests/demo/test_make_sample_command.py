"""The command that makes sample data in bulk, and how it stores them."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from crm.models import Lead, Organization
from demo.management.commands.make_sample import Progress
from demo.sample.loading import loading
from demo.sample.make import make_sample
from demo.sample.storing import store
from demo.sample.world import Rows
from projects.models import ProjectStageChange
from tests.demo.test_make_sample import CHECKED, MODELS, SEED, UNTIL, digest


@pytest.mark.parametrize("change", [{"seed": 8}, {"leads": 41}, {"until": UNTIL.replace(day=5)}])
def test_another_size_seed_or_day_makes_other_content(change, db):
    first = {"leads": 40, "seed": SEED, "until": UNTIL}
    contents = []
    for options in (first, first, {**first, **change}):
        with transaction.atomic():
            make_sample(**options)
            contents.append(digest())
            transaction.set_rollback(True)
    assert contents[0] == contents[1] != contents[2]


# -- the command ------------------------------------------------------------------------------------------------------


def run(*arguments):
    out = io.StringIO()
    call_command("make_sample", "--leads", "20", "--until", "2026-03-04", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_made(db):
    lines = {line.split()[0]: line.split()[1] for line in run().splitlines() if line}
    assert lines["crm.Lead"] == "20"
    assert int(lines["rows"].replace(",", "")) > 500


def test_a_database_with_records_is_left_alone(db):
    run()
    with pytest.raises(CommandError, match=r"holds records already .*leads.* --force"):
        run()
    assert Lead.objects.count() == 20


def test_force_adds_to_what_is_there(db):
    run()
    run("--force")
    assert Lead.objects.count() == 40
    for model in set(CHECKED) - {ProjectStageChange}:
        for row in model.objects.order_by("-pk")[:50]:
            row.full_clean()


def test_new_records_get_numbers_of_their_own_afterwards(db):
    run()
    last = Organization.objects.order_by("pk").last()
    assert Organization.objects.create(name="Later", country="CN").pk > last.pk


def test_no_leads_are_refused(db):
    with pytest.raises(CommandError, match="at least 1"):
        call_command("make_sample", "--leads", "0")


def test_progress_is_told_every_few_seconds_and_at_the_end():
    out = io.StringIO()
    progress = Progress(out, started=0.0)
    progress.said = float("inf")
    progress("crm.Lead", 500)
    assert out.getvalue() == ""
    progress("", 0)
    assert "500 rows" in out.getvalue()


# -- storing ----------------------------------------------------------------------------------------------------------


def indexes():
    with connection.cursor() as cursor:
        return {
            model._meta.db_table: connection.introspection.get_constraints(cursor, model._meta.db_table)
            for model in MODELS
        }


def test_indexes_and_relations_are_as_before(db):
    before = indexes()
    make_sample(20, SEED, UNTIL)
    assert indexes() == before


def test_a_relation_to_nothing_stops_the_whole(db):
    with pytest.raises(IntegrityError), loading(MODELS):
        store(Rows(Lead, {"id": [1], "title": ["Lost"], "organization_id": 1, "station_id": 1, "owner_id": 1}))
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("columns", "message"),
    [({"id": [1, 2], "name": ["one"]}, "differ in length"), ({"id": [1], "nmae": "x"}, "has no column nmae")],
)
def test_columns_that_do_not_fit_are_refused(columns, message):
    with pytest.raises(ValueError, match=message):
        store(Rows(Organization, columns))
