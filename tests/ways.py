"""Ways of bringing a record in, the API and the forms of the staff site, each with an example that is accepted.

Fields, parts and forms are found in the declarations of the resources, so what is added later takes part.
"""

import copy
import json
from dataclasses import dataclass
from typing import Any

from django.db import models

from core import resources
from core.api.serializers import serializer_for
from core.records import Part
from core.reference import ReferenceItem
from tests import factories

NUL, ENDLESS, MISSING_ID, HUGE = "a\x00b", "x" * 10_000, 999_999_999, 10**30
PART_FACTORIES = [
    made
    for made in vars(factories).values()
    if isinstance(made, type) and issubclass(made, factories.Factory) and issubclass(made._meta.model or str, Part)
]


NOT_TEXT = [[], {}, True]
BY_KIND = (  # the first class that fits
    (models.ManyToManyField, ["x", [MISSING_ID], [HUGE], [-1], ["x"], 1, {}]),
    (models.ForeignKey, [MISSING_ID, HUGE, -1, 0, "x", 1.5, [], {}, True]),
    (models.FileField, ["a text", {}, 1]),
    (models.DateTimeField, ["2024-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "now", 20240702, [], {}]),
    (models.DateField, ["2024-02-30", "yesterday", "2024-07-02T10:00:00Z", 20240702, [], {}]),
    (models.TimeField, ["25:00", "noon", [], {}]),
    (models.DecimalField, [HUGE, "many", "NaN", "Infinity", -1, [], {}, True]),
    (models.IntegerField, [HUGE, -1, "many", 1.5, [], {}, True]),
    (models.URLField, [NUL, ENDLESS, "no address", "javascript:alert(1)", *NOT_TEXT]),
    (models.TextField, [NUL, *NOT_TEXT]),
    (models.CharField, [NUL, ENDLESS, *NOT_TEXT]),
)


def impossible(field):
    """Values that no client may store in this field, as JSON."""
    if field.choices:
        return ["nonsense", NUL, ENDLESS, [], {}]
    return next((values for kind, values in BY_KIND if isinstance(field, kind)), [])


def impossible_in_a_form(field):
    """The same, as far as a form can send it."""
    if field.many_to_many:
        return [["x"], [str(MISSING_ID)], [str(HUGE)], ["-1"], [f"-{HUGE}"]]
    if isinstance(field, models.FileField):
        return []
    return [str(value) for value in impossible(field) if isinstance(value, str | int) and not isinstance(value, bool)]


@dataclass
class Answer:
    status: int
    stored: bool
    fields: set[tuple[Any, ...]]  # where there are messages: ("name",) or ("aliases", 0, "name")


def example(slug):
    """A stored record with one of each of its parts."""
    record = factories.BY_RESOURCE[slug]()
    for part in PART_FACTORIES:
        if part._meta.model._meta.get_field(part._meta.model.whole).related_model is type(record):
            part(**{part._meta.model.whole: record})
    record.refresh_from_db()
    return record


def model_fields(model, names):
    known = {field.name: field for field in (*model._meta.fields, *model._meta.many_to_many)}
    return {(name,): known[name] for name in names if name in known}


class Api:
    """`POST /api/v1/<slug>/` with a body that is accepted as it stands."""

    impossible = staticmethod(impossible)

    def __init__(self, client, slug):
        self.client, self.slug = client, slug
        self.serializer = serializer_for(resources.get(slug))()
        self.record = example(slug)
        shown = client.get(self.address(self.record)).json()
        self.body = self._writable(shown, self.serializer)
        self.prepare()

    def prepare(self):
        self.record.delete()  # a guest is on the list once

    def _writable(self, row, serializer):
        body = {name: row[name] for name in serializer.fields if name in row and name not in ("id", "file")}
        for name in getattr(serializer, "parts", ()):
            body[name] = [self._writable(part, serializer.fields[name].child) for part in row[name]]
        return body

    def address(self, record=None):
        return f"/api/v1/{self.slug}/" + (f"{record.pk}/" if record else "")

    def fields(self):
        found = model_fields(self.serializer.Meta.model, self.serializer.fields)
        for name, part in self.serializer.parts.items():
            own = model_fields(part.Meta.model, self.serializer.fields[name].child.fields)
            found |= {(name, 0, *path): field for path, field in own.items() if not field.primary_key}
        return found

    def send(self, changes):
        body = copy.deepcopy(self.body)
        for path, value in changes.items():
            place = body
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = value
        return self.answer(self.request(json.dumps(body)))

    def request(self, body):
        return self.client.post(self.address(), body, content_type="application/json")

    def answer(self, response):
        errors = response.json().get("errors", []) if response.status_code == 400 else []
        pointers = [tuple(error["pointer"].split("/")[1:]) for error in errors]
        fields = {tuple(int(step) if step.isdigit() else step for step in pointer) for pointer in pointers}
        # A wrong id in a list is reported at its index, which is within the field.
        fields |= {path[:length] for path in fields for length in range(1, len(path))}
        return Answer(response.status_code, response.status_code in (200, 201), fields)


class ApiChange(Api):
    """`PUT /api/v1/<slug>/<id>/`, likewise."""

    def prepare(self):
        pass

    def request(self, body):
        address, headers = self.address(self.record), {"If-Match": "*"}
        return self.client.put(address, body, content_type="application/json", headers=headers)


def page(model):
    """The address of the model's list on the staff site, without the final slash."""
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}"


class Form:
    """The page for a new record, filled in as it is accepted."""

    impossible = staticmethod(impossible_in_a_form)

    def __init__(self, client, slug):
        self.client, self.model = client, resources.get(slug).model
        record = example(slug)
        self.page = page(self.model)
        context = client.get(f"{self.page}/{record.pk}/change/").context
        self.form = context["adminform"].form
        self.formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        self.data = dict(filled_in(self.form))
        for formset in self.formsets:
            self.data |= {f"{formset.prefix}-TOTAL_FORMS": len(formset.forms), f"{formset.prefix}-INITIAL_FORMS": 0}
            for form in formset.forms:
                stored = (form.add_prefix("id"), form.add_prefix(formset.fk.name))
                self.data |= {name: value for name, value in filled_in(form) if name not in stored}
        if issubclass(self.model, ReferenceItem):
            self.data["code"] = record.code  # read-only on the page that was read
        record.delete()

    def fields(self):
        names = [*self.form.fields, *(["code"] if "code" in self.data else [])]
        found = model_fields(self.model, names)
        for formset in self.formsets:
            own = model_fields(formset.model, formset.forms[0].fields)
            hidden = (("id",), (formset.fk.name,))
            found |= {(formset.prefix, 0, *path): field for path, field in own.items() if path not in hidden}
        return found

    def send(self, changes):
        data = dict(self.data)
        for path, value in changes.items():
            name = "-".join(str(step) for step in path)
            data[f"{name}_0" if f"{name}_0" in data else name] = "" if value is None else value
        return self.answer(self.client.post(f"{self.page}/add/", data))

    def answer(self, response):
        if response.status_code != 200:
            return Answer(response.status_code, response.status_code == 302, set())
        fields = {(name,) for name in response.context["adminform"].form.errors}
        for inline in response.context["inline_admin_formsets"]:
            for index, errors in enumerate(inline.formset.errors):
                fields |= {(inline.formset.prefix, index, name) for name in errors}
        return Answer(400, stored=False, fields=fields)


def filled_in(form):
    """What a browser would send back: (name, value) of every input."""
    for bound in form:
        widget = getattr(bound.field.widget, "widget", bound.field.widget)  # without the links beside a relation
        parts = widget.get_context(bound.html_name, bound.value(), {})["widget"]
        for part in parts.get("subwidgets") or [parts]:
            if part["value"] is not None and part.get("type") not in ("checkbox", "file"):
                yield part["name"], part["value"]
