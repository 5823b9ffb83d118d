"""What a column of a file can be: a field, a relation by number or by name, a list of them, parts, the record's number.

An `Input` reads the cells of one column. Equal cells are read once; relations of a batch are looked up together.
"""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.api.serializers import writable
from core.columns import Column
from core.imports import cells, relations
from core.imports.drafts import Draft
from core.imports.kinds import AsideColumn, Kind, PartColumn, SplitColumn
from core.imports.relations import Finder, as_number, is_reference, key_of
from core.records import Part

LIST_SEPARATORS = ";；、\n"
DISPLAY = "_display"

BY_ID = _("A number (O-000123) or id, or the name.")
BY_NAME = _("The name in any script, the number (O-000123) or the code.")
IDENTIFIES = _("Says which record a row is about.")
STAGE = _("A new record can begin only with one of these: %(stages)s.")


class Session:
    """What reading one file shares: whose rights count, and what was looked up."""

    def __init__(self, kind: Kind, user: Any, add_missing: bool = False) -> None:
        self.kind, self.user, self.add_missing = kind, user, add_missing
        self._finders: dict[Any, Finder] = {}
        self.missing: dict[str, Any] = {}  # records that rows name and that come into being with them, by key

    def finder(self, model: Any) -> Finder:
        if model not in self._finders:
            self._finders[model] = Finder(model, self.user)
        return self._finders[model]


class Input:
    """One target of a column. `apply` notes in the draft what a cell said."""

    help: Any = ""
    required = False
    group: Any = ""

    def __init__(self, code: str, label: Any) -> None:
        self.code, self.label = code, label

    def prepare(self, session: Session, texts: Iterable[Any]) -> None:
        """Looks up what the cells of a batch name."""

    def read(self, session: Session, cell: Any) -> Any:
        return cells.readable_text(cell)

    def apply(self, draft: Draft, value: Any, column: int) -> None:
        raise NotImplementedError


class FieldInput(Input):
    """A field of the record."""

    def __init__(self, code: str, label: Any, field: Any) -> None:
        super().__init__(code, label)
        self.field = field
        self.required = not field.blank and not field.has_default()
        self.help = field.help_text
        self._convert: Any = None

    def read(self, session: Session, cell: Any) -> Any:
        if self._convert is None:
            self._convert = cells.converter(self.field)
        if isinstance(cell, str) and cells.is_suspect(cell):
            cells.readable_text(cell)
        return self._convert(cell)

    def apply(self, draft: Draft, value: Any, column: int) -> None:
        draft.fields[self.field.attname] = value


class StageInput(FieldInput):
    """The stage that a new record begins with. A move of one that is there has its own page, and its reason."""

    def __init__(self, code: str, label: Any, field: Any, flow: Any) -> None:
        super().__init__(code, label, field)
        reached = {to for targets in flow.moves.values() for to in targets} | {field.get_default()}
        self.starts = [value for value in reached if value not in flow.by_rule and value not in flow.requires]

    def apply(self, draft: Draft, value: Any, column: int) -> None:
        super().apply(draft, value, column)
        if value not in self.starts:
            labels = dict(self.field.flatchoices)
            stages = ", ".join(str(labels[start]) for start in labels if start in self.starts)
            draft.identity["stage"] = (column, ValidationError(STAGE, code="stage", params={"stages": stages}))


class RelationInput(Input):
    """A foreign key. The column of ids and the column of names stand beside each other in an export: where both are
    given and disagree, as in a file from another database, the name says which record is meant."""

    def __init__(self, code: str, label: Any, field: Any) -> None:
        super().__init__(code, label)
        self.field, self.by_name = field, code.endswith(DISPLAY)
        self.required = not field.null
        self.help = BY_NAME if self.by_name else BY_ID

    def prepare(self, session: Session, texts: Iterable[Any]) -> None:
        prepare(session.finder(self.field.related_model), texts, by_name=self.by_name)

    def read(self, session: Session, cell: Any) -> Any:
        text = cells.readable_text(cell)
        return text, find(session.finder(self.field.related_model), text, by_name=self.by_name)

    def apply(self, draft: Draft, value: Any, column: int) -> None:
        draft.identity.setdefault("relations", {}).setdefault(self.field.name, []).append((column, self.by_name, value))


class LinksInput(Input):
    """A many-to-many relation: ids or names, separated by semicolons."""

    def __init__(self, code: str, label: Any, field: Any) -> None:
        super().__init__(code, label)
        self.field, self.by_name = field, code.endswith(DISPLAY)
        self.help = BY_NAME if self.by_name else BY_ID

    def prepare(self, session: Session, texts: Iterable[Any]) -> None:
        names = {name for text in texts for name in [cells.as_text(text), *split_list(cells.as_text(text))]}
        prepare(session.finder(self.field.related_model), names, by_name=self.by_name)

    def read(self, session: Session, cell: Any) -> Any:
        text = cells.readable_text(cell)
        finder = session.finder(self.field.related_model)
        whole = find(finder, text, by_name=self.by_name)
        return text, [whole] if len(whole) == 1 else [find(finder, t, by_name=self.by_name) for t in split_list(text)]

    def apply(self, draft: Draft, value: Any, column: int) -> None:
        draft.identity.setdefault("links", {}).setdefault(self.field.name, []).append((column, self.by_name, value))


class PartsInput(Input):
    """Parts as our export joins them in one cell."""

    def __init__(self, code: str, label: Any, column: Column, read_parts: Any) -> None:
        super().__init__(code, label)
        self.model, self.read_parts = column.schema.model, read_parts

    def read(self, session: Session, cell: Any) -> Any:
        return self.read_parts(cells.readable_text(cell))

    def apply(self, draft: Draft, value: Any, column: int) -> None:
        draft.parts.setdefault(self.code, []).extend({"_column": column, **part} for part in value)


class PartInput(Input):
    """One field of a part."""

    def __init__(self, declared: PartColumn) -> None:
        super().__init__(declared.code, declared.label)
        self.declared, self.help = declared, declared.help

    def read(self, session: Session, cell: Any) -> Any:
        text = cells.readable_text(cell)
        texts = split_list(text) if self.declared.several else [text]
        return [self.declared.clean(one) if self.declared.clean else one for one in texts]

    def apply(self, draft: Draft, value: Any, column: int) -> None:
        declared = self.declared
        if declared.slot:
            part = draft.slots.setdefault((declared.parts, declared.slot), {"_column": column, **declared.given})
            part[declared.name] = value[0]
            return
        made = ({"_column": column, **declared.given, declared.name: text} for text in value)
        draft.parts.setdefault(declared.parts, []).extend(made)


class SplitInput(Input):
    """One cell for several fields."""

    def __init__(self, declared: SplitColumn, model: Any) -> None:
        super().__init__(declared.code, declared.label)
        self.declared, self.help = declared, declared.help
        self.fields = [FieldInput(name, "", model._meta.get_field(name)) for name in declared.into]

    def read(self, session: Session, cell: Any) -> Any:
        texts = self.declared.split(cells.readable_text(cell))
        return [field.read(session, text) if text else "" for field, text in zip(self.fields, texts, strict=True)]

    def apply(self, draft: Draft, value: Any, column: int) -> None:
        for field, text in zip(self.fields, value, strict=True):
            if text and not draft.fields.get(field.field.attname):
                field.apply(draft, text, column)


class AsideInput(FieldInput):
    """A value for a record that comes into being beside the row's own: the country of a new organization."""

    def __init__(self, declared: AsideColumn) -> None:
        model = apps.get_model(declared.model)
        super().__init__(declared.code, declared.label, model._meta.get_field(declared.field))
        self.required, self.help = False, declared.help

    def apply(self, draft: Draft, value: Any, column: int) -> None:
        draft.identity[self.code] = value


class IdentityInput(Input):
    """The number or id of the record itself."""

    help = IDENTIFIES

    def __init__(self, code: str, label: Any, model: Any) -> None:
        super().__init__(code, label)
        self.model = model

    def prepare(self, session: Session, texts: Iterable[Any]) -> None:
        session.finder(self.model).load(pk for text in texts if (pk := as_number(cells.as_text(text), self.model)))

    def read(self, session: Session, cell: Any) -> Any:
        pk = as_number(cells.as_text(cell), self.model)
        if pk is None:
            raise relations.not_found(cell)
        return pk

    def apply(self, draft: Draft, value: Any, column: int) -> None:
        draft.identity["id"] = value
        draft.identity["id_column"] = column


class CreatedInput(Input):
    """When our export says that the record was made: an id means the same record only together with it."""

    help = IDENTIFIES

    def read(self, session: Session, cell: Any) -> datetime.datetime:
        return cells.moment(cell)

    def apply(self, draft: Draft, value: Any, column: int) -> None:
        draft.identity["created_at"] = value


# -- looking up -------------------------------------------------------------------------------------------------------


def split_list(text: str) -> list[str]:
    for separator in LIST_SEPARATORS[1:]:
        text = text.replace(separator, LIST_SEPARATORS[0])
    return [part.strip() for part in text.split(LIST_SEPARATORS[0]) if part.strip()]


def prepare(finder: Finder, texts: Iterable[Any], *, by_name: bool) -> None:
    texts = [cells.as_text(text) for text in texts]
    numbers = (as_number(text, finder.model) for text in texts if not by_name or is_reference(text, finder.model))
    finder.load(pk for pk in numbers if pk)
    names = [text for text in texts if by_name or as_number(text, finder.model) is None]
    if names:
        finder.prepare(names)


def find(finder: Finder, text: str, *, by_name: bool) -> list[Any]:
    """All records that a text can mean."""
    number = as_number(text, finder.model)
    if number is not None and (not by_name or is_reference(text, finder.model)):
        record = finder.with_id(number) if number else None
        if record is not None or not by_name:
            return [record] if record is not None else []
    return finder.named(text)


def settle(told: Sequence[tuple[int, bool, tuple[str, list[Any]]]]) -> tuple[int, list[Any], str]:
    """(column, records, text) of one relation from its columns of ids and of names, as far as they are there."""
    by_id = next((entry for entry in told if not entry[1]), None)
    by_name = next((entry for entry in told if entry[1]), None)
    if by_id is None or by_name is None:
        column, _by_name, (text, found) = told[0]
        return column, found, text
    same = [record for record in by_id[2][1] if key_of(by_name[2][0]) in relations.spellings(record)]
    column, _by_name, (text, found) = by_name
    return (column, same, text) if same else (column, found, text)


# -- the inputs of a kind ---------------------------------------------------------------------------------------------


def inputs_of(kind: Kind) -> dict[str, Input]:
    """Everything that can come in, by code: as in the export, then what lists of others have."""
    found = [made for column in kind.resource.columns.listed() if (made := _from_column(kind, column)) is not None]
    found += [_extra(kind, declared) for declared in kind.extras]
    return {made.code: made for made in found}


def _from_column(kind: Kind, column: Column) -> Input | None:
    model, code = kind.model, column.code
    if code in ("id", "reference"):
        return IdentityInput(code, column.label, model)
    if code == "created_at":
        return CreatedInput(code, column.label)
    if column.kind == "parts":
        read_parts = kind.parts_order.get(code)
        return PartsInput(code, column.label, column, read_parts) if read_parts else None
    flow = next((flow for flow in getattr(model, "flows", ()) if flow.field == code), None)
    if flow is not None:
        return StageInput(code, column.label, model._meta.get_field(code), flow)
    name = code.removesuffix(DISPLAY)
    return _field_input(code, column.label, model._meta.get_field(name)) if writable(model, name) else None


def _field_input(code: str, label: Any, field: Any) -> Input:
    if field.many_to_many:
        return LinksInput(code, label, field)
    if field.is_relation:
        return RelationInput(code, label, field)
    return FieldInput(code, label, field)


def _extra(kind: Kind, declared: PartColumn | SplitColumn | AsideColumn) -> Input:
    if isinstance(declared, AsideColumn):
        return AsideInput(declared)
    return SplitInput(declared, kind.model) if isinstance(declared, SplitColumn) else PartInput(declared)


def part_inputs(model: type[Part]) -> dict[str, Input]:
    """How the values of a part are read, by field."""
    fields = [field for field in model._meta.fields if field.editable and not field.primary_key]
    made = [
        _field_input(f"{field.name}{DISPLAY}" if field.is_relation else field.name, capfirst(field.verbose_name), field)
        for field in fields
        if field.name != model.whole
    ]
    return {one.code.removesuffix(DISPLAY): one for one in made}
