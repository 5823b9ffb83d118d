"""Sample data in bulk: what is stored past the models keeps every rule of the models."""

import datetime

import pytest

from core.records import Checked, Record
from core.search import fold
from core.stages import Staged
from demo.sample.make import filled_models, make_sample
from projects.models import Project, ProjectStageChange

LEADS, SEED, UNTIL = 400, 7, datetime.date(2026, 3, 4)
MODELS = filled_models()
RECORDS = [model for model in MODELS if issubclass(model, Record)]
CHECKED = [model for model in MODELS if issubclass(model, Checked)]
STAGED = [model for model in MODELS if issubclass(model, Staged)]


def of(*models):
    return pytest.mark.parametrize("model", models, ids=lambda model: model._meta.label)


@pytest.fixture(scope="module")
def _sample(once):
    with once(lambda: make_sample(LEADS, SEED, UNTIL)):
        yield


@pytest.fixture
def sample(_sample, db):
    """400 leads and what belongs to them."""


@of(*RECORDS)
def test_there_are_records_of_every_kind_and_all_say_that_they_are_invented(model, sample):
    assert set(model.objects.values_list("is_sample", flat=True)) == {True}


@of(*CHECKED)
def test_every_row_keeps_the_rules_of_its_model(model, sample):
    rows = model.objects.all()
    if model is ProjectStageChange:
        rows = rows.filter(record__status=Project.Status.ACTIVE)  # the rule is about the moment of the move
    for row in rows:
        row.full_clean()


@of(*RECORDS)
def test_search_finds_what_a_saved_record_would_be_found_by(model, sample):
    wrong = [
        record.pk
        for record in model.objects.all()
        if record.search_text.split() != fold(record.text_for_search()).split()
    ]
    assert wrong == []
