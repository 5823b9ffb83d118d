"""Every address, method and role: the answer is what `expectations.toml` says, and what is refused writes nothing."""

import logging

import pytest

from core import resources
from tests.access import document, expected, routes
from tests.access.world import NOWHERE, World

ROUTES = routes.everything()
GROUPS = sorted({route.group for route in ROUTES})


@pytest.fixture
def quiet():
    """Thousands of refusals are not worth a line each."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def cells(group):
    for route in ROUTES:
        if route.group == group:
            for entry in expected.entries_for(route.path):
                for method in expected.METHODS:
                    if not entry.is_variant or entry.of(method) is not None:
                        yield route, entry, method


class Cell:
    """One address and method, asked in every role."""

    def __init__(self, world, route, entry, method):
        self.world, self.route, self.entry, self.method = world, route, entry, method
        self.said = entry.of(method) or {**entry.said, "answer": None}
        self.model = self.said.get("model", route.model)
        of_record = expected.named_model(self.said, self.model)
        variant = f"{self.said.get('record', '')} {narrower(route)}".strip()
        self.record = world.record(of_record, variant) if of_record else None
        self.query = self.said.get("query", "") + entry.address.partition("?")[1] + entry.address.partition("?")[2]

    def ask(self, role, pk):
        address = self.world.address(self.route.path, self.said, self.record, pk) + self.query
        body = None
        if self.method not in expected.SAFE and self.entry.of(self.method):
            body = self.world.body(self.said, self.model, route_slug(self.route), role, self.record, pk)
        return self.world.ask(role, self.method, address, body)

    def wrong(self, role):
        """What is not as it is told, in words; empty if all is well."""
        told = expected.expected(self.route.path, self.entry, self.method, role, self.model)
        pk = self.record.pk if self.record is not None else NOWHERE
        sent = self.ask(role, pk)
        if answered(sent) != told.status:
            yield f"{role}: {answered(sent)}, not {told.status}"
        if told.hidden and not same(sent, self.ask(role, NOWHERE), pk):
            yield f"{role}: not the same answer as for an unknown id"
        if not told.allowed and sent.wrote:
            yield f"{role}: was refused and wrote {sent.wrote}"


def route_slug(route):
    return route.path.split("/")[3] if route.model and route.path.startswith("/api/v1/") else ""


def narrower(route):
    """The resource, where it holds only some records of its model: delegations are events."""
    slug = route_slug(route)
    return slug if slug and resources.get(slug).within else ""


def answered(sent):
    is_login = sent.status == 302 and sent.headers["Location"].startswith("/admin/login/")
    return "login" if is_login else sent.status


def same(sent, unknown, pk):
    def said(answer):
        text = repr((answer.status, answer.body, sorted(answer.headers.items())))
        return text.replace(str(NOWHERE), str(pk))

    return said(sent) == said(unknown)


@pytest.mark.django_db
@pytest.mark.parametrize("group", GROUPS)
def test_every_role_is_answered_as_it_is_told(group, quiet):
    world, wrong = World(), []
    for route, entry, method in cells(group):
        cell = Cell(world, route, entry, method)
        for role in expected.roles():
            wrong += [f"{method} {entry.address} ({route.path}) {said}" for said in cell.wrong(role)]
    assert wrong == []


def test_every_route_is_covered():
    assert [route.path for route in ROUTES if not expected.entries_for(route.path)] == []


def test_nothing_is_expected_of_what_does_not_exist():
    used = {entry.address for route in ROUTES for entry in expected.entries_for(route.path)}
    assert [entry.address for entry in expected.entries() if entry.address not in used] == []


def test_every_model_with_pages_is_covered_and_no_other():
    assert set(expected.models()) == routes.models_with_pages()


def test_the_expectations_use_only_the_words_that_are_explained():
    for entry in expected.entries():
        own = {name for name in entry.said if name not in expected.METHODS}
        words = own.union(*(entry.said[method] for method in expected.METHODS if method in entry.said))
        assert words <= expected.OF_ROUTE, entry.address


def test_the_blanks_of_an_address_can_be_filled():
    for route in ROUTES:
        for entry in expected.entries_for(route.path):
            known = {"pk", "user_pk", "id", "object_id", "content_type_id", "name", *entry.said.get("args", {})}
            assert set(route.placeholders) <= known, f"say in `args` what the blanks of {route.path} are"
            model = entry.said.get("model", route.model)
            assert model or not {"pk", "id", "object_id"} & set(route.placeholders), f"say the `model` of {route.path}"


def test_the_matrix_is_not_empty():
    count = sum(1 for group in GROUPS for _cell in cells(group)) * len(expected.roles())
    assert count > 20_000


def test_the_document_is_up_to_date():
    message = "docs/access.md is out of date: run python -m tests.access.document"
    assert document.FILE.read_text(encoding="utf-8") == document.text(), message
