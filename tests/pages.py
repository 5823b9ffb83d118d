"""Addresses of pages, and their forms as a browser would submit them, so that tests send what people send."""

from html.parser import HTMLParser

from django.urls import reverse


class _Inputs(HTMLParser):
    """The submitted values by name, each a list; of templates for further rows nothing."""

    def __init__(self, form_id):
        super().__init__()
        self.form_id, self.inside = form_id, False
        self.values, self.select, self.textarea = {}, None, None

    def add(self, name, value):
        if name and "__prefix__" not in name:
            self.values.setdefault(name, []).append(value)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == self.form_id
        elif self.inside and "disabled" not in given:
            getattr(self, f"start_{tag}", lambda given: None)(given)

    def start_input(self, given):
        kind = given.get("type", "text")
        if kind in ("checkbox", "radio"):
            if "checked" in given:
                self.add(given.get("name"), given.get("value", "on"))
        elif kind not in ("submit", "button", "file", "image", "reset"):
            self.add(given.get("name"), given.get("value", ""))

    def start_select(self, given):
        self.select = (given.get("name"), "multiple" in given, [], [])

    def start_option(self, given):
        if self.select:
            self.select[2].append(given.get("value", ""))
            if "selected" in given:
                self.select[3].append(given.get("value", ""))

    def start_textarea(self, given):
        self.textarea = (given.get("name"), [])

    def handle_data(self, data):
        if self.textarea:
            self.textarea[1].append(data)

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "textarea" and self.textarea:
            self.add(self.textarea[0], "".join(self.textarea[1]).removeprefix("\r").removeprefix("\n"))
            self.textarea = None
        elif tag == "select" and self.select:
            name, multiple, options, selected = self.select
            for value in selected if selected or multiple else options[:1]:
                self.add(name, value)
            self.select = None


def form_values(response, form_id):
    """What a browser sends when the form with this id is submitted as it is."""
    parser = _Inputs(form_id)
    parser.feed(response.content.decode())
    assert parser.values, f"the page has no form {form_id}"
    return parser.values


def record_form(client, url, **changes):
    """Opens a record's page and answers what its form sends, with `changes` typed in."""
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    form_id = f"{response.context['opts'].model_name}_form"
    return {**form_values(response, form_id), **changes}


def record_page(record, name, *args):
    """The address of one of a record's pages on the staff site."""
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=[record.pk, *args])
