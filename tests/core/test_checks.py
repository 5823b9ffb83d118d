"""System checks: what must hold of every model."""

from core import access
from core.checks import every_model_has_a_scope, every_part_names_its_whole
from crm.models import Alias, Lead, Organization


def test_nothing_is_wrong():
    assert every_model_has_a_scope(None) == every_part_names_its_whole(None) == []


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


def test_a_part_of_a_model_without_a_scope_is_denied(monkeypatch, db):
    monkeypatch.delitem(access._rules, Organization)
    assert not access.may(access.SYSTEM, "view", Alias)
    assert not access.scoped(access.SYSTEM, Alias).exists()
