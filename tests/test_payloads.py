"""Every payload in every text field and as a file name: pages show it as text, files and headers carry it as text.

A browser does the same with the pages as a whole (`tests/e2e/test_payloads.py`); here no field is left out.
"""

import email.message

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models

from core.admin.links import change_url, list_url, record_url
from projects.models import Contract
from tests import factories
from tests.pages import record_page
from tests.payloads import FILE_NAMES, PAYLOADS, foreign_markup, packs
from tests.test_bad_input import WITH_FORM
from tests.ways import Form

pytestmark = pytest.mark.django_db
# Fields that hold nothing but what fits a pattern; each of them refuses every payload.
STRICT = {
    "code", "corporate_number", "credit_code", "country", "announced_currency", "contracted_currency",
    "interest_currency", "currency", "website", "work_country", "countries",
    "value",  # of a way to reach somebody: a number or an address
}  # fmt: skip


def text_fields(form):
    """Where text can be typed, with the texts that hold all payloads that fit."""
    return {
        path: packs(field.max_length)
        for path, field in form.fields().items()
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.FileField)
        and not field.choices
    }


# Harmless where they stand alone: text, what a parser takes for text, and the ends of what was never begun.
PLAIN = ("<scr<", "</script>\\", "%3C", "＜", "{%")


@pytest.mark.parametrize("text", [text for text in PAYLOADS if "<" in text and not text.startswith(PLAIN)])
def test_the_checker_finds_what_was_not_escaped(text):
    assert foreign_markup(f"<p>{text}</p>")


def test_the_checker_leaves_pages_of_ours_alone():
    assert foreign_markup('<a href="java\tscript:__hit(1)">x</a>')
    assert foreign_markup('<p>&lt;script&gt;</p><a href="/admin/">x</a><script src="/static/x.js"></script>') == []


def test_there_are_about_forty_of_them():
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 40
    for longest in (255, 100):
        fitting = [payload for payload in PAYLOADS if len(payload) <= longest]
        assert [payload for payload in fitting if not any(payload in text for text in packs(longest))] == []
        assert max(map(len, packs(longest))) <= longest
    assert all(payload in packs()[0] for payload in PAYLOADS)


@pytest.mark.parametrize("slug", WITH_FORM)
def test_what_is_refused_is_shown_as_text(slug, director, logged_in):
    """All payloads in all fields at once: too long for most, so the page shows them again with its messages."""
    form = Form(logged_in(director), slug)
    response = form.client.post(f"{form.page}/add/", data_with(form, dict.fromkeys(text_fields(form), packs()[0])))
    assert response.status_code == 200
    assert foreign_markup(response.content.decode()) == []


@pytest.mark.parametrize("slug", WITH_FORM)
def test_what_is_stored_is_shown_as_text(slug, director, logged_in):
    client = logged_in(director)
    form = Form(client, slug)
    fields, stored = text_fields(form), set()
    for number in range(len(packs(255))):
        # Shorter fields hold a part of the payloads; each begins with others.
        changes = {path: texts[(number + 8 * at) % len(texts)] for at, (path, texts) in enumerate(fields.items())}
        record, accepted = store(form, changes)
        stored |= accepted
        pages = [record_url(record), change_url(record)]
        pages += [record_page(record, "history"), list_url(form.model)] if number == 0 else []
        for page in pages:
            assert foreign_markup(client.get(page).content.decode()) == [], page
        remove(record)
    assert {path[-1] for path in fields if path not in stored} <= STRICT


def store(form, changes):
    """The new record, and the fields that took their text."""
    answer = form.client.post(f"{form.page}/add/", data_with(form, changes))
    if answer.status_code == 200:
        wrong = form.answer(answer).fields
        changes = {path: text for path, text in changes.items() if path not in wrong}
        answer = form.client.post(f"{form.page}/add/", data_with(form, changes))
    assert answer.status_code == 302, form.answer(answer).fields
    return form.model.objects.order_by("-pk").first(), set(changes)


def data_with(form, changes):
    data = dict(form.data)
    data.update({"-".join(str(step) for step in path): text for path, text in changes.items()})
    return data


def remove(record):
    """Some records exist once."""
    for relation in record._meta.related_objects:
        if not relation.many_to_many and not relation.hidden:
            relation.related_model._base_manager.filter(**{relation.field.name: record}).delete()
    record.delete()


def test_no_name_of_a_user_becomes_markup(director, logged_in):
    client, lead = logged_in(director), factories.LeadFactory()
    for text in packs(150):
        type(director).objects.filter(pk=lead.owner_id).update(full_name=text, username=text)
        for page in (list_url(type(director)), record_url(lead)):
            assert foreign_markup(client.get(page).content.decode()) == [], page


@pytest.mark.parametrize("text", PAYLOADS)
def test_no_payload_in_an_address_becomes_markup(text, director, logged_in, client):
    staff = logged_in(director)
    queries = [
        {"search": text},
        {"stage": text},
        {"o": text},
        {"p": text},
        {"_popup": text},
        {"_to_field": text},
        {text: "1"},
    ]
    answers = [staff.get("/admin/crm/lead/", query) for query in queries]
    answers += [staff.get("/admin/core/user/", {"q": text}), client.get("/admin/login/", {"next": text})]
    answers += [staff.get(f"/admin/{text}/"), staff.get("/admin/crm/lead/add/", {"title": text, "organization": text})]
    answers += [client.post("/admin/login/", {"username": text, "password": text, "next": text})]
    for answer in answers:
        assert answer.status_code < 500
        assert foreign_markup(answer.content.decode()) == []


@pytest.mark.parametrize("name", FILE_NAMES)
def test_a_file_name_is_nothing_but_a_name(name, director, logged_in):
    client, station = logged_in(director), factories.StationFactory()
    management = {"parties-TOTAL_FORMS": 0, "parties-INITIAL_FORMS": 0}
    data = {"title": "Contract", "kind": "memorandum", "station": station.pk, **management}
    upload = SimpleUploadedFile("x.pdf", b"%PDF-1.7")
    upload._name = f"{name}.pdf"
    assert client.post("/admin/projects/contract/add/", {**data, "file": upload}).status_code in (200, 302)
    contract = Contract.objects.first() or factories.ContractFactory(file=SimpleUploadedFile("x.pdf", b"%PDF-1.7"))
    assert foreign_markup(client.get(record_url(contract)).content.decode()) == []
    response = client.get(contract.file.url)
    assert response.status_code == 200
    assert not {"Set-Cookie", "X-Injected"} & set(response.headers)
    assert not any("\r" in value or "\n" in value for value in response.headers.values())
    message = email.message.Message()
    message["Content-Disposition"] = response["Content-Disposition"]
    assert message.get_content_disposition() == "attachment"
    assert message.get_filename().endswith(".pdf")
    assert "/" not in message.get_filename()


def test_error_messages_of_the_api_are_data(director, logged_in):
    """A browser that opens an answer of the API reads JSON, whatever is in it."""
    client = logged_in(director)
    for text in PAYLOADS:
        for answer in (client.get("/api/v1/leads/", {text: "1"}), client.get("/api/v1/leads/", {"stage": text})):
            assert answer["Content-Type"] in ("application/problem+json", "application/json")
            assert answer["X-Content-Type-Options"] == "nosniff"
