"""The forms of the import pages: the file, how it is read, which column is what, what happens to duplicates."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin.forms import EntriesInUse
from core.admin.import_shown import readable
from core.imports import kinds, mapping
from core.imports.mapping import Target
from core.imports.models import Import
from core.imports.reading import DELIMITERS, Source
from core.reference import ReferenceItem

DELIMITER_NAMES = {
    ",": gettext_lazy("Comma (,)"),
    ";": gettext_lazy("Semicolon (;)"),
    "\t": gettext_lazy("Tab"),
    "|": gettext_lazy("Vertical bar (|)"),
}


class FileForm(forms.Form):
    """A file to bring in."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        # Excel calls a CSV file by a type of its own on Windows, so the endings count.
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )


class UploadForm(FileForm):
    """A file, and what it is a list of."""

    kind = forms.ChoiceField(label=gettext_lazy("What does the file list?"))
    field_order = ("kind", "file")

    def __init__(self, *args: Any, offered: Sequence[kinds.Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(kind.slug, capfirst(kind.label)) for kind in offered]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]


class ReadingForm(forms.Form):
    """How the file is read, as far as there is a choice."""

    def __init__(self, data: Any = None, *, source: Source) -> None:
        super().__init__(data)
        if source.encodings:
            choices = [(reading.encoding, _encoding_label(reading)) for reading in source.encodings]
            self._offer("encoding", _("Character set"), choices, source.encoding)
        if source.format == Import.Format.CSV:
            choices = [(delimiter, str(DELIMITER_NAMES[delimiter])) for delimiter in DELIMITERS]
            self._offer("delimiter", _("Columns are separated by"), choices, source.delimiter)
        if len(source.sheets) > 1:
            self._offer("sheet", _("Sheet"), [(name, name) for name in source.sheets], source.sheet)

    def _offer(self, name: str, label: str, choices: Any, initial: str) -> None:
        widget = forms.Select(attrs={"data-shows-at-once": ""})
        self.fields[name] = _Exact(label=label, choices=choices, initial=initial, widget=widget)


class _Exact(forms.ChoiceField):
    """Takes the value as it is: a tab is a choice here, not white space around one."""

    def to_python(self, value: Any) -> str:
        return "" if value is None else str(value)


def _encoding_label(reading: Any) -> str:
    if reading.errors:
        return _("%(encoding)s: does not fit this file") % {"encoding": reading.label}
    return str(reading.label)


class ColumnsForm(forms.Form):
    """For each column of the file the field it goes to."""

    def __init__(
        self, data: Any = None, *, headings: Sequence[str], targets: Sequence[Target], initial: Sequence[str]
    ) -> None:
        super().__init__(data)
        self.headings = [readable(heading) for heading in headings]
        choices = _grouped(targets)
        for index in range(len(headings)):
            code = initial[index] if index < len(initial) else ""
            described = {"aria-labelledby": f"column-{index}", "aria-describedby": f"samples-{index}"}
            self.fields[f"column-{index}"] = forms.ChoiceField(
                choices=choices, initial=code, required=False, label="", widget=forms.Select(attrs=described)
            )

    @property
    def codes(self) -> list[str]:
        """One for each column of the file, "" for those left out and for what is no choice."""
        return [self.cleaned_data.get(name, "") for name in self.fields]

    def clean(self) -> dict[str, Any]:
        """One field takes one column."""
        first: dict[str, int] = {}
        for index, code in enumerate(self.codes):
            if code and first.setdefault(code, index) != index:
                message = _("Already chosen for “%(column)s”. Choose another field, or do not import this column.")
                self.add_error(f"column-{index}", message % {"column": self.headings[first[code]]})
        return self.cleaned_data


def by_number(targets: Sequence[Target]) -> set[str]:
    """The codes that take a record's number where another takes its name: for files that were exported."""
    codes = {target.code for target in targets}
    return {code for code in codes if f"{code}_display" in codes}


def needed(targets: Sequence[Target]) -> list[Target]:
    """What every row needs, each said once."""
    numbers = by_number(targets)
    return [target for target in targets if target.required and target.code not in numbers]


def _grouped(targets: Sequence[Target]) -> list[tuple[Any, Any]]:
    """“Do not import” first, then what is needed, then the rest in its groups, numbers of records last."""
    first, numbers = needed(targets), by_number(targets)
    groups: dict[str, list[tuple[str, Any]]] = {}
    for target in sorted(targets, key=lambda target: target.code in numbers):
        if target not in first:
            title = _("By number") if target.code in numbers else str(target.group) or _("Further fields")
            groups.setdefault(title, []).append((target.code, target.label))
    named = {_("Needed"): [(target.code, target.label) for target in first], **groups}
    return [("", _("– do not import –")), *((title, choices) for title, choices in named.items() if choices)]


class ValuesForm(forms.Form):
    """What holds for all rows: values the file has no column for, with the inputs of the record's own form."""

    prefix = "all"

    def __init__(
        self, data: Any = None, *, request: Any, kind: kinds.Kind, targets: Sequence[Target], import_: Import
    ) -> None:
        super().__init__(data)
        page: Any = admin.site._registry[kind.resource.model]
        own = page.get_form(request).base_fields
        usual = page.get_changeform_initial_data(request)
        self.codes = dict(_fields_for_all(targets, own))
        for name, code in self.codes.items():
            field = _like(own[name], import_.values.get(code, usual.get(name)))
            field.unless = f"{name} {name}_display"  # asked for only where no column has it
            self.fields[name] = field
        if kind.new_related is not None:
            label, text = _("Add organizations that are not there yet"), Import._meta.get_field("add_missing").help_text
            self.fields["add_missing"] = forms.BooleanField(
                label=label, help_text=text, required=False, initial=import_.add_missing
            )

    @property
    def values(self) -> dict[str, str]:
        """The texts to store, by code of the target."""
        given = ((code, self.cleaned_data.get(name)) for name, code in self.codes.items())
        return {code: _as_text(value) for code, value in given if value not in (None, "")}


class ColumnChoice:
    """The two forms of the columns page, as one."""

    def __init__(self, request: Any, import_: Import, source: Source) -> None:
        data = request.POST if request.method == "POST" else None
        self.source, self.targets = source, mapping.targets(import_.kind)
        self.origin = "" if import_.mapping else mapping.origin(import_)
        initial = import_.mapping or mapping.suggest(import_)
        self.columns = ColumnsForm(data, headings=source.headings, targets=self.targets, initial=initial)
        kind = kinds.get(import_.kind)
        self.rest = ValuesForm(data, request=request, kind=kind, targets=self.targets, import_=import_)

    def is_valid(self) -> bool:
        return self.columns.is_valid() & self.rest.is_valid()

    @property
    def codes(self) -> list[str]:
        return self.columns.codes

    @property
    def values(self) -> dict[str, str]:
        return self.rest.values

    @property
    def add_missing(self) -> bool:
        return bool(self.rest.cleaned_data.get("add_missing"))


def _fields_for_all(targets: Sequence[Target], own: Any) -> Iterator[tuple[str, str]]:
    """The fields of the record's form, and the target that takes a value chosen there: of a relation its id."""
    codes = {target.code for target in targets}
    found = (target.code.removesuffix("_display") for target in targets if target.required)
    for name in dict.fromkeys(found):
        if name in own and type(own[name]) is not forms.CharField:  # a title or a name is a matter of its row
            yield name, name if name in codes else f"{name}_display"


def _like(field: Any, initial: Any) -> Any:
    """The same input, which may be left empty."""
    made = copy.deepcopy(field)
    made.widget = getattr(made.widget, "widget", made.widget)  # without the links beside a relation
    made.required, made.initial, made.help_text = False, initial, ""
    if issubclass(getattr(getattr(made, "queryset", None), "model", Model), ReferenceItem):
        made.widget.choices = EntriesInUse(made.widget.choices, None)
    return made


def _as_text(value: Any) -> str:
    return str(value.pk if isinstance(value, Model) else value)


class DuplicatesForm(forms.Form):
    """What happens to rows whose record is there already."""

    duplicates = forms.ChoiceField(
        label=gettext_lazy("Records that are there already"),
        choices=Import.Duplicates.choices,
        widget=forms.RadioSelect,
    )
