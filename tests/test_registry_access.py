"""What somebody may not see is nowhere: on every page, in every file, in every choice, of every model."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse

from core import access, resources
from core.admin.base import RecordAdmin
from core.admin.scoped import ScopedAdmin, autocompleted
from tests.factories import InteractionFactory, UserFactory
from tests.filled import filled, surround
from tests.pages import form_values, record_form

pytestmark = pytest.mark.django_db

PAGES = [(model, page) for model, page in admin.site._registry.items() if isinstance(page, ScopedAdmin)]
RECORDS = [model for model, page in PAGES if isinstance(page, RecordAdmin)]
RESTRICTED = [model for model in RECORDS if access.is_restricted(model)]
SECRET = "Geheimsache"
NOWHERE = 999_999_999

every_page = pytest.mark.parametrize("model", [model for model, _page in PAGES], ids=lambda model: model._meta.label)
every_record = pytest.mark.parametrize("model", RECORDS, ids=lambda model: model._meta.label)
every_restricted = pytest.mark.parametrize("model", RESTRICTED, ids=lambda model: model._meta.label)


def relations_to_restricted():
    """(model, field) for each relation of a record to records that not everybody sees."""
    for model in RECORDS:
        for field in [*model._meta.fields, *model._meta.many_to_many]:
            if field.is_relation and field.editable and field.related_model in RESTRICTED:
                yield pytest.param(model, field, id=f"{model._meta.label}.{field.name}")


RELATIONS = list(relations_to_restricted())
every_relation = pytest.mark.parametrize(("model", "field"), RELATIONS)


def url(model, name, *args, **parameters):
    query = "&".join(f"{key}={value}" for key, value in parameters.items())
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)
    return f"{address}?{query}" if query else address


def text_of(response):
    """What the reader gets to see, of a page or of a file."""
    return (b"".join(response) if response.streaming else response.content).decode("utf-8-sig", errors="replace")


def named(model, **fields):
    """A record whose name, in every language, is the secret."""
    names = {"title", "name", "subject"} & {field.name for field in model._meta.fields}
    return filled(model, **dict.fromkeys(names, SECRET), **fields)


def own_fields(model, station):
    """Puts a record within reach of the officers of a station."""
    return {"station": station} if any(field.name == "station" for field in model._meta.fields) else {}


def add_to(record, field, target):
    if field.many_to_many:
        getattr(record, field.name).add(target)
    return record


def pointing(model, field, station, target):
    """A record within reach of the station that is related to `target`."""
    fields = own_fields(model, station)
    if not field.many_to_many:
        fields[field.name] = target
    return add_to(filled(model, **fields), field, target)


# -- without any right ------------------------------------------------------------------------------------------------


@every_page
def test_staff_without_a_role_see_nothing(model, nobody, logged_in):
    record, client = filled(model), logged_in(nobody)
    answers = {name: client.get(url(model, name)).status_code for name in ("changelist", "add")}
    answers |= {name: client.get(url(model, name, record.pk)).status_code for name in ("change", "history", "delete")}
    assert set(answers.values()) <= {403, 404}


@every_record
def test_staff_without_a_role_export_nothing(model, nobody, logged_in):
    filled(model)
    client = logged_in(nobody)
    assert client.get(url(model, "export")).status_code == 403
    assert client.get(url(model, "export", format="xlsx")).status_code == 403


@pytest.mark.parametrize("slug", list(resources.everything()))
@pytest.mark.parametrize("address", ["", "?format=csv", "1/"])
def test_staff_without_a_role_read_nothing_through_the_api(slug, address, nobody, logged_in):
    filled(resources.get(slug).model)
    assert logged_in(nobody).get(f"/api/v1/{slug}/{address}").status_code == 403


@every_page
def test_staff_without_a_role_are_offered_no_choices(model, nobody, logged_in):
    filled(model)
    client = logged_in(nobody)
    for name in autocompleted(model, admin.site):
        parameters = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": name}
        assert client.get(reverse("admin:autocomplete"), {**parameters, "term": ""}).status_code == 403


@every_page
def test_visitors_are_sent_to_the_login(model, client):
    record = filled(model)
    for address in (url(model, "changelist"), url(model, "change", record.pk), url(model, "history", record.pk)):
        response = client.get(address)
        assert (response.status_code, response.url.split("?")[0]) == (302, reverse("admin:login"))


# -- records of another station ---------------------------------------------------------------------------------------


@every_restricted
def test_a_stranger_finds_no_record_of_another_station_on_the_list(model, stranger, logged_in):
    named(model)
    for parameters in ({}, {"search": SECRET}, {"archived": "all"}, {"_popup": "1"}):
        response = logged_in(stranger).get(url(model, "changelist", **parameters))
        assert response.context["cl"].result_count == 0
        assert f">{SECRET}" not in text_of(response)


@every_restricted
def test_a_stranger_opens_no_page_of_a_record_of_another_station(model, stranger, logged_in):
    record, client = named(model), logged_in(stranger)
    for name in ("read", "change", "history", "archive", "restore"):
        theirs, none = client.get(url(model, name, record.pk)), client.get(url(model, name, NOWHERE))
        assert (theirs.status_code, none.status_code) == (404, 404), name
        assert text_of(theirs) == text_of(none).replace(str(NOWHERE), str(record.pk)), name


@every_restricted
def test_a_stranger_changes_no_record_of_another_station(model, stranger, director, logged_in):
    record = named(model)
    address = url(model, "change", record.pk)
    values = record_form(logged_in(director), address, notes="overwritten")
    assert logged_in(stranger).post(address, values).status_code == 404
    record.refresh_from_db()
    assert record.version == 1


@every_restricted
def test_a_stranger_exports_no_record_of_another_station(model, stranger, director, logged_in):
    named(model)
    address = url(model, "export", headers="codes", format="csv")
    assert SECRET in text_of(logged_in(director).get(address))
    assert SECRET not in text_of(logged_in(stranger).get(address))


@every_restricted
def test_a_stranger_reads_no_record_of_another_station_through_the_api(model, stranger, logged_in):
    record, client, slug = named(model), logged_in(stranger), resources.for_model(model).slug
    assert client.get(f"/api/v1/{slug}/").json()["results"] == []
    assert client.get(f"/api/v1/{slug}/?search={SECRET}&archived=all").json()["results"] == []
    theirs, none = (client.get(f"/api/v1/{slug}/{pk}/") for pk in (record.pk, NOWHERE))
    assert (theirs.status_code, theirs.json()) == (404, none.json())


@every_relation
def test_a_stranger_is_offered_no_record_of_another_station(model, field, stranger, director, logged_in):
    target = named(field.related_model)
    meta = model._meta
    parameters = f"?app_label={meta.app_label}&model_name={meta.model_name}&field_name={field.name}&term="
    address = reverse("admin:autocomplete") + parameters
    assert str(target.pk) in [item["id"] for item in logged_in(director).get(address).json()["results"]]
    assert logged_in(stranger).get(address).json()["results"] == []


# -- relations to records of another station --------------------------------------------------------------------------


@every_relation
def test_a_relation_to_a_record_of_another_station_is_shown_nowhere(model, field, stranger, osaka_station, logged_in):
    target, client = named(field.related_model), logged_in(stranger)
    record, slug = pointing(model, field, osaka_station, target), resources.for_model(model).slug
    pages = (
        url(model, "changelist"), url(model, "read", record.pk), url(model, "change", record.pk),
        url(model, "history", record.pk), url(model, "export", headers="codes"),
        f"/api/v1/{slug}/", f"/api/v1/{slug}/{record.pk}/",
    )  # fmt: skip
    for address in pages:
        response = client.get(address)
        assert response.status_code == 200, address
        assert SECRET not in text_of(response), address
    shown = client.get(f"/api/v1/{slug}/{record.pk}/").json()
    assert not shown[field.name]
    assert not shown[f"{field.name}_display"]


@every_relation
def test_saving_a_form_keeps_a_relation_that_it_did_not_show(model, field, stranger, osaka_station, logged_in):
    target = named(field.related_model)
    record = pointing(model, field, osaka_station, target)
    client, address = logged_in(stranger), url(model, "change", record.pk)
    response = client.post(address, record_form(client, address))
    assert response.status_code == 302, response.context["errors"]
    stored = model.objects.get(pk=record.pk)
    assert stored.version > record.version
    assert target in (getattr(stored, field.name).all() if field.many_to_many else [getattr(stored, field.name)])


@every_relation
@pytest.mark.parametrize("method", ["patch", "put"])
def test_storing_what_the_api_showed_keeps_a_relation_that_it_did_not_show(
    model, field, method, stranger, osaka_station, logged_in
):
    target, client = named(field.related_model), logged_in(stranger)
    record = pointing(model, field, osaka_station, target)
    address = f"/api/v1/{resources.for_model(model).slug}/{record.pk}/"
    page = client.get(address)
    body = {name: value for name, value in page.json().items() if name in writable(model, field, method)}
    assert not body[field.name]
    answer = getattr(client, method)(address, body, content_type="application/json", headers={"If-Match": page["ETag"]})
    assert answer.status_code == 200, answer.json()["errors"]
    assert answer.json()[field.name] == page.json()[field.name]
    stored = model.objects.get(pk=record.pk)
    assert target in (getattr(stored, field.name).all() if field.many_to_many else [getattr(stored, field.name)])


def writable(model, field, method):
    """For PATCH the one field, for PUT all that can be written."""
    fields = [*model._meta.fields, *model._meta.many_to_many]
    return (
        {field.name}
        if method == "patch"
        else {other.name for other in fields if other.editable and other.name not in ("id", "file")}
    )


@every_relation
def test_naming_a_record_of_another_station_answers_like_one_that_does_not_exist(
    model, field, stranger, osaka_station, logged_in
):
    target, client = named(field.related_model), logged_in(stranger)
    record = filled(model, **own_fields(model, osaka_station), **({} if field.many_to_many else {field.name: None}))
    address = url(model, "change", record.pk)
    errors = []
    for pk in (target.pk, NOWHERE):
        response = client.post(address, record_form(client, address, **{field.name: str(pk)}))
        errors.append(response.context["adminform"].form.errors.as_data()[field.name][0].code)
        assert SECRET not in text_of(response)
    assert errors == ["invalid_choice"] * 2
    assert model.objects.get(pk=record.pk).version == record.version


@every_relation
def test_filtering_by_a_record_of_another_station_answers_like_one_that_does_not_exist(
    model, field, stranger, osaka_station, logged_in
):
    if field.name not in resources.for_model(model).filterset.base_filters:
        return
    target, client = named(field.related_model), logged_in(stranger)
    pointing(model, field, osaka_station, target)
    slug = resources.for_model(model).slug
    lists = [client.get(url(model, "changelist", **{field.name: pk})) for pk in (target.pk, NOWHERE)]
    assert [response.context["cl"].result_count for response in lists] == [0, 0]
    answers = [client.get(f"/api/v1/{slug}/?{field.name}={pk}") for pk in (target.pk, NOWHERE)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


def test_there_are_relations_to_restricted_records():
    """The tests above would pass if they were given none."""
    assert {"events.Guest.lead", "events.Visit.lead", "projects.Contract.project"} <= {param.id for param in RELATIONS}


# -- forms as a whole -------------------------------------------------------------------------------------------------


def everything_of(record):
    """All that is stored of a record and its parts, but for who changed it when."""
    left_out = {"version", "updated_at", "updated_by_id"}
    fields = {f.attname: getattr(record, f.attname) for f in record._meta.concrete_fields if f.attname not in left_out}
    links = {f.name: set(getattr(record, f.name).values_list("pk", flat=True)) for f in record._meta.many_to_many}
    inlines = getattr(admin.site._registry.get(type(record)), "inlines", ())
    parts = {
        inline.model.__name__: [
            everything_of(part) for part in inline.model.objects.filter(**{inline.model.whole: record}).order_by("pk")
        ]
        for inline in inlines
    }
    return fields | links | parts


@every_record
def test_saving_a_form_as_it_is_changes_nothing(model, director, logged_in):
    record = surround(filled(model))
    before, client, address = everything_of(record), logged_in(director), url(model, "change", record.pk)
    page = client.get(address)
    response = client.post(address, form_values(page, f"{model._meta.model_name}_form"))
    assert response.status_code == 302, response.context["errors"]
    record = model.objects.get(pk=record.pk)
    assert everything_of(record) == before


@every_record
def test_a_record_is_archived_with_a_reason_and_restored_on_its_pages(model, director, logged_in):
    record, client = surround(filled(model)), logged_in(director)
    client.post(url(model, "archive", record.pk), {"reason": "registered twice"})
    assert model.objects.get(pk=record.pk).archive_reason == "registered twice"
    assert record not in client.get(url(model, "changelist")).context["cl"].result_list
    client.post(url(model, "restore", record.pk))
    assert record in client.get(url(model, "changelist")).context["cl"].result_list


@every_record
def test_a_change_of_a_form_is_in_the_history_with_its_author(model, director, logged_in):
    record, client = filled(model), logged_in(director)
    note = next(
        name for name in ("notes", "minutes", "topics", "heard") if name in {f.name for f in model._meta.fields}
    )
    address = url(model, "change", record.pk)
    client.post(address, record_form(client, address, **{note: "called them"}))
    entry = client.get(url(model, "history", record.pk)).context["entries"][0]
    assert (entry.by_name, [(change.field, change.after) for change in entry.changes]) == (
        "director",
        [(note, "called them")],
    )


def test_links_that_the_api_did_not_show_for_lack_of_a_right_are_kept(tokyo_station, logged_in):
    """A role of the agency's own making that may not see organizations at all."""
    user = UserFactory(station=tokyo_station)
    rights = ["view_interaction", "change_interaction", "view_liaisonstation"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    talk, client = surround(InteractionFactory(station=tokyo_station)), logged_in(user)
    page = client.get(f"/api/v1/interactions/{talk.pk}/")
    assert page.json()["organizations"] == []
    headers = {"If-Match": page["ETag"]}
    answer = client.patch(page.request["PATH_INFO"], {"organizations": []}, "application/json", headers=headers)
    assert (answer.status_code, talk.organizations.count()) == (200, 1)
