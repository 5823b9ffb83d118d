"""System checks: what must hold of every model."""

import pytest

from core import access
from core.checks import every_model_has_a_scope, every_part_names_its_whole, search_reads_what_all_staff_share
from crm.models import Alias, Interaction, Lead, Organization
from projects.models import Contract


def test_nothing_is_wrong():
    assert every_model_has_a_scope(None) == every_part_names_its_whole(None) == []
    assert search_reads_what_all_staff_share(None) == []


def test_a_model_without_a_scope_is_reported(monkeypatch):
    monkeypatch.delitem(access._rules, Lead)
    (error,) = every_model_has_a_scope(None)
    assert (error.id, error.obj, error.msg) == ("liaison.E001", Lead, "crm.Lead has no access scope.")


def test_a_part_without_a_scope_is_reported(monkeypatch):
    monkeypatch.delitem(access._parts, Alias)
    assert [error.obj for error in every_model_has_a_scope(None)] == [Alias]


def test_a_part_whose_whole_is_no_relation_is_reported(monkeypatch):
    monkeypatch.setattr(Alias, "whole", "name")
    (error,) = every_part_names_its_whole(None)
    assert (error.id, error.obj) == ("liaison.E002", Alias)


@pytest.mark.parametrize("declared", ["searched_related", "found_with"])
@pytest.mark.parametrize(("model", "path"), [(Interaction, "lead"), (Contract, "project__lead__organization")])
def test_a_record_is_not_found_by_what_only_some_may_see(declared, model, path, monkeypatch):
    monkeypatch.setattr(model, declared, (path,))
    assert [(error.id, error.obj) for error in search_reads_what_all_staff_share(None)] == [("liaison.E003", model)]


def test_a_part_of_a_model_without_a_scope_is_denied(monkeypatch, db):
    monkeypatch.delitem(access._rules, Organization)
    assert not access.may(access.SYSTEM, "view", Alias)
    assert not access.scoped(access.SYSTEM, Alias).exists()
