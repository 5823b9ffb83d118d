"""From rows to records: what each row would add, change or leave alone, and everything that is wrong with it.

The same code serves the check and the run, so that what was shown is what happens. A row meets the rules of the models
as anywhere: each cell its field's own checks, each record `clean`, relations only within the user's reach.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import access
from core.imports import inputs, kinds, relations
from core.imports.drafts import Draft
from core.imports.inputs import Input, Session
from core.imports.models import Import
from core.imports.relations import key_of
from core.records import Part
from core.reference import refuse_retired_links

BATCH = 2500
MOST_KNOWN = 10_000  # different cells of a column
REQUIRED = _("This is needed. Fill the cell, or give one value for all rows.")
EXTRA_CELLS = _("This row has more cells than there are headings. Look for a separator inside a text without quotes.")
HEADINGS_AGAIN = _("This row repeats the headings. Delete it.")
INCOMPLETE = _("The export of this file broke off here, so rows are missing. Export it again.")
INCOMPLETE_MARK = "# INCOMPLETE"
IS_THERE = _("This record is there already: %(record)s.")
SAME_ROW = _("Row %(row)s says the same.")
ARCHIVED = _("%(record)s is archived. Restore it before you update it.")
NOT_YOURS = _("%(record)s is there already, and you may not change it.")
MOVE_IT = _("The stage is not changed by an import: move the record on its page.")


class Plan:
    """What one import makes of its rows. `drafts` are finished batch by batch, in the order of the file."""

    def __init__(self, import_: Import, headings: Sequence[str]) -> None:
        self.import_, self.headings = import_, list(headings)
        self.session = Session(kinds.get(import_.kind), import_.user, import_.add_missing)
        self.kind, self.model = self.session.kind, self.session.kind.model
        known = inputs.inputs_of(self.kind)
        codes = list(import_.mapping)[: len(self.headings)]
        self.columns = [(index, known[code]) for index, code in enumerate(codes) if code in known]
        self.values = [(known[code], text) for code, text in import_.values.items() if code in known and text]
        self.part_inputs = {
            column.code: (column.schema.model, inputs.part_inputs(column.schema.model))
            for column in self.kind.resource.columns.all
            if column.kind == "parts" and issubclass(column.schema.model, Part)
        }
        self.required = [
            field
            for field in self.model._meta.concrete_fields
            if field.editable and not field.null and not field.blank and not field.has_default()
        ]
        self.mapped = {one.code.removesuffix(inputs.DISPLAY): index for index, one in reversed(self.columns)}
        self.mapped |= {
            field.code: index
            for index, one in self.columns
            if isinstance(one, inputs.SplitInput)
            for field in one.fields
            if field.code not in self.mapped
        }
        self.defaults = self.kind.defaults(import_.user)
        self.seen: dict[Any, tuple[int, Any]] = {}
        self.created: set[Any] = set()  # by this very import: no record "is there already" because of it
        self._read: dict[int, dict[Any, Any]] = {}

    def batches(self, rows: Iterable[tuple[int, list[Any]]]) -> Iterator[list[Draft]]:
        source = iter(rows)
        while batch := list(islice(source, BATCH)):
            yield self._finished([Draft(number, cells, columns=self.mapped) for number, cells in batch])

    def _finished(self, drafts: list[Draft]) -> list[Draft]:
        for draft in drafts:
            self._check_shape(draft)
        for index, one in self.columns:
            self._read_column(drafts, index, one)
        for one, text in self.values:
            self._read_value(drafts, one, text)
        self._settle(drafts)
        for draft in drafts:
            self._build(draft)
        self._find_twins(drafts)
        for draft in drafts:
            self._decide(draft)
        return drafts

    # -- reading ------------------------------------------------------------------------------------------------------

    def _check_shape(self, draft: Draft) -> None:
        cells, width = draft.cells, len(self.headings)
        if str(cells[0]).startswith(INCOMPLETE_MARK):
            draft.refuse(-1, ValidationError(INCOMPLETE, code="incomplete"))
        elif (
            str(cells[0]).strip() == self.headings[0] and [str(cell).strip() for cell in cells[:width]] == self.headings
        ):
            draft.refuse(-1, ValidationError(HEADINGS_AGAIN, code="headings"))
        elif len(cells) > width and any(str(cell).strip() for cell in cells[width:]):
            draft.refuse(-1, ValidationError(EXTRA_CELLS, code="ragged"))

    def _read_column(self, drafts: list[Draft], index: int, one: Input) -> None:
        filled = [(draft, draft.cells[index]) for draft in drafts if index < len(draft.cells)]
        filled = [(draft, cell) for draft, cell in filled if not isinstance(cell, str) or cell.strip()]
        if type(one).prepare is not Input.prepare:
            one.prepare(self.session, {cell for _draft, cell in filled})
        for draft, cell in filled:
            value = self._value(index, one, cell)
            if isinstance(value, ValidationError):
                draft.refuse(index, value)
                draft.identity.setdefault("refused", set()).add(one.code.removesuffix(inputs.DISPLAY))
            else:
                one.apply(draft, value, index)

    def _value(self, index: int, one: Input, cell: Any) -> Any:
        """Equal cells of a column are read once; an error is a value, too."""
        known = self._read.setdefault(index, {})
        key = cell if type(cell) is str else (type(cell), cell)
        if key not in known:
            if len(known) > MOST_KNOWN:
                known.clear()
            try:
                known[key] = one.read(self.session, cell)
            except ValidationError as error:
                known[key] = error
        return known[key]

    def _read_value(self, drafts: list[Draft], one: Input, text: str) -> None:
        one.prepare(self.session, [text])
        value = self._value(-1 - hash(one.code), one, text)
        for draft in drafts:
            if _says(draft, one):
                continue
            if isinstance(value, ValidationError):
                draft.refuse(-1, value)
            else:
                one.apply(draft, value, -1)

    # -- relations ----------------------------------------------------------------------------------------------------

    def _settle(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            for name, told in draft.identity.get("relations", {}).items():
                column, found, text = inputs.settle(told)
                draft.place(name, column)
                self._one(draft, name, column, found, text)
            for name, told in draft.identity.get("links", {}).items():
                self._links(draft, name, told)
            for (code, _slot), part in draft.slots.items():
                draft.parts.setdefault(code, []).append(part)
        self._prepare_parts(drafts)

    def _one(self, draft: Draft, name: str, column: int, found: list[Any], text: str) -> None:
        try:
            draft.fields[name] = self._known(self.model._meta.get_field(name), draft, found, text)
        except ValidationError as error:
            draft.refuse(column, error)
            draft.identity.setdefault("refused", set()).add(name)

    def _known(self, field: Any, draft: Draft, found: list[Any], text: str) -> Any:
        """The one record that is meant, or the one that comes into being because it is missing."""
        if not found and self.session.add_missing and self.kind.new_related:
            made = self.session.missing.get(key_of(text)) or self.kind.new_related(field.related_model, text, draft)
            if made is not None and access.may(self.import_.user, "add", type(made)):
                made.full_clean()
                return self.session.missing.setdefault(key_of(text), made)
        return relations.the_one(found, text)

    def _links(self, draft: Draft, name: str, told: Any) -> None:
        by_id = next((entry for entry in told if not entry[1]), None)
        by_name = next((entry for entry in told if entry[1]), None)
        chosen_by = told[0]
        if by_id and by_name:
            chosen_by = by_id if _agree(by_id[2][1], by_name[2][0]) else by_name
        column, _by_name, (_text, found) = chosen_by
        draft.place(name, column)
        try:
            chosen = [relations.the_one(records, _text) for records in found]
            refuse_retired_links(self.model(), name, chosen)
            draft.links[name] = list(dict.fromkeys(chosen))
        except ValidationError as error:
            errors = error.error_dict[name] if hasattr(error, "error_dict") else [error]
            draft.errors += [(column, one) for one in errors]

    # -- parts --------------------------------------------------------------------------------------------------------

    def _prepare_parts(self, drafts: list[Draft]) -> None:
        for code, (_model, known) in self.part_inputs.items():
            parts = [part for draft in drafts for part in draft.parts.get(code, ())]
            for name, one in known.items():
                one.prepare(self.session, {part[name] for part in parts if part.get(name)})

    def _parts(self, draft: Draft) -> Iterator[Part]:
        for code, parts in draft.parts.items():
            model, known = self.part_inputs[code]
            made: set[Any] = set()
            for part in parts:
                column = part.pop("_column", -1)
                values = self._part_values(draft, known, part, column)
                if values is not None and (same := tuple(sorted((n, str(v)) for n, v in values.items()))) not in made:
                    made.add(same)
                    yield self._part(draft, model, values, column)

    def _part_values(self, draft: Draft, known: Any, part: dict[str, Any], column: int) -> dict[str, Any] | None:
        values = {}
        for name, text in part.items():
            if text in ("", None):
                continue
            try:
                value = known[name].read(self.session, text)
                is_relation = known[name].field.is_relation
                values[name] = self._known(known[name].field, draft, value[1], text) if is_relation else value
            except ValidationError as error:
                draft.errors += [(column, one) for one in error.error_list]
                return None
        return values

    def _part(self, draft: Draft, model: Any, values: dict[str, Any], column: int) -> Any:
        part = model(**values)
        unsaved = [name for name, value in values.items() if getattr(value, "pk", value) is None]
        try:
            found = [field.name for field in model._meta.fields if field.is_relation and field.name in values]
            part.clean_fields(exclude={model.whole, *found, *unsaved})
            part.clean()
        except ValidationError as error:
            draft.errors += [(column, one) for errors in error.error_dict.values() for one in errors]
        return part

    # -- records ------------------------------------------------------------------------------------------------------

    def _build(self, draft: Draft) -> None:
        draft.new_parts = list(self._parts(draft))
        for name, value in self.defaults.items():
            draft.fields.setdefault(name, value)
        refused = draft.identity.get("refused", set())
        missing = [f for f in self.required if f.name not in refused and not _has(draft.fields, f)]
        for field in missing:
            draft.refuse(self._column_of(field.name), ValidationError(REQUIRED, code="required"))
        draft.record = self.model(**draft.fields)
        try:
            draft.record.clean()
        except ValidationError as error:
            told = {field.name for field in missing} | refused  # of a cell that is wrong anyway nothing follows
            draft.refuse_fields(error, leave_out=told)

    def _column_of(self, name: str) -> int:
        return self.mapped.get(name, -1)

    # -- what is there already ----------------------------------------------------------------------------------------

    def _find_twins(self, drafts: list[Draft]) -> None:
        told = self.kind.twins(drafts, self.session)
        for draft, (keys, found) in zip(drafts, told, strict=True):
            draft.existing = self._identified(draft) or next((r for r in found if r.pk not in self.created), None)
            draft.twin = next((row for key in keys if (row := self._earlier(key, draft))), 0)
            for key in keys:
                self.seen.setdefault(key, (draft.number, _own_id(draft)))

    def _identified(self, draft: Draft) -> Any:
        """The record whose number the row gives. From our own export it counts only together with the moment at
        which the record was made: in another database the same number is another record's."""
        pk = draft.identity.get("id")
        if pk is None:
            return None
        record = self.session.finder(self.model).with_id(pk)
        made_at = draft.identity.get("created_at")
        if made_at is not None:
            return record if record is not None and _same_moment(record.created_at, made_at) else None
        if record is None:
            draft.refuse(draft.identity["id_column"], relations.not_found(pk))
        return record

    def _earlier(self, key: Any, draft: Draft) -> int:
        """The earlier row of this key. Two rows of our own export are two records, unless the key must be unique."""
        row, own = self.seen.get(key, (0, None))
        return 0 if row and not key[0] and own and _own_id(draft) and own != _own_id(draft) else row

    def _decide(self, draft: Draft) -> None:
        if draft.existing is not None:
            self._meet_existing(draft)
        elif draft.twin:
            draft.effect = "skip"
            if self.import_.duplicates == Import.Duplicates.REFUSE:
                draft.refuse(-1, ValidationError(SAME_ROW, code="duplicate", params={"row": draft.twin}))
        elif "stage" in draft.identity:
            draft.refuse(*draft.identity["stage"])
        if draft.errors and draft.effect != "skip":
            draft.effect = "problem"
            draft.errors.sort(key=lambda entry: entry[0])

    def _meet_existing(self, draft: Draft) -> None:
        record = draft.existing
        if self.import_.duplicates == Import.Duplicates.SKIP:
            draft.effect = "skip"
            return
        params = {"record": relations.described(record)}
        if self.import_.duplicates == Import.Duplicates.REFUSE:
            draft.refuse(-1, ValidationError(IS_THERE, code="duplicate", params=params))
        elif draft.twin:
            draft.effect = "skip"
        elif not self._may_change(record):
            draft.refuse(-1, ValidationError(NOT_YOURS, code="forbidden", params=params))
        elif getattr(record, "archived_at", None):
            draft.refuse(-1, ValidationError(ARCHIVED, code="archived", params=params))
        else:
            self._update(draft)

    def _may_change(self, record: Any) -> bool:
        if not access.is_restricted(self.model):
            return access.may(self.import_.user, "change", self.model)
        return access.can(self.import_.user, "change", record)

    def _update(self, draft: Draft) -> None:
        """The cells of the row over what is there. An empty cell changes nothing, and parts and links are added."""
        draft.record, record = draft.existing, draft.existing
        draft.errors = [entry for entry in draft.errors if entry[1].code not in ("required", "stage")]
        given = {name: value for name, value in draft.fields.items() if name not in self.defaults}
        flows = {flow.field for flow in getattr(self.model, "flows", ())}
        before = {}
        for name, value in given.items():
            field = self.model._meta.get_field(name)
            old, new = getattr(record, field.attname), getattr(value, "pk", value)
            if old == new:
                continue
            if name in flows:
                draft.refuse(draft.columns.get(name, -1), ValidationError(MOVE_IT, code="stage"))
                continue
            before[field.name] = old
            setattr(record, name, value)
        draft.identity["before"] = before
        draft.links = {name: new for name, chosen in draft.links.items() if (new := _new_links(record, name, chosen))}
        draft.new_parts = [part for part in draft.new_parts if not _is_there(part, record)]
        draft.effect = "update" if before or draft.links or draft.new_parts else "skip"
        if before:
            self._check_update(draft)

    def _check_update(self, draft: Draft) -> None:
        try:
            draft.record.full_clean()
        except ValidationError as error:
            draft.refuse_fields(error)


def _says(draft: Draft, one: Input) -> bool:
    """Whether the row itself gives what a value for all rows would."""
    name = one.code.removesuffix(inputs.DISPLAY)
    refused = name in draft.identity.get("refused", ())
    told = name in draft.identity.get("relations", ()) or name in draft.identity.get("links", ())
    if isinstance(one, inputs.PartInput):
        declared = one.declared
        return bool(draft.slots.get((declared.parts, declared.slot), {}).get(declared.name))
    return refused or told or name in draft.fields or one.code in draft.identity


def _has(fields: dict[str, Any], field: Any) -> bool:
    value = fields.get(field.name, fields.get(field.attname))
    return value is not None and value != ""


def _own_id(draft: Draft) -> Any:
    return draft.identity.get("id") if "created_at" in draft.identity else None


def _same_moment(one: Any, other: Any) -> bool:
    """To the minute, as exports are; written in another time zone, it differs by whole quarters of an hour."""
    seconds = abs((one - other).total_seconds())
    return seconds < 15 * 3600 and (seconds % 900 < 60 or seconds % 900 > 840)


def _agree(by_id: list[list[Any]], names: str) -> bool:
    records = [found[0] for found in by_id if found]
    return len(records) == len(by_id) and all(
        any(spelling in key_of(names) for spelling in relations.spellings(record) if spelling) for record in records
    )


def _new_links(record: Any, name: str, chosen: list[Any]) -> list[Any]:
    present = set(getattr(record, name).values_list("pk", flat=True))
    return [one for one in chosen if one.pk not in present]


def _is_there(part: Any, record: Any) -> bool:
    """Whether the record has this part: the same in what makes it unique, else in all that the file says of it."""
    model = type(part)
    fields = [field for field in model._meta.fields if field.name != model.whole and not field.primary_key]
    if any(f.is_relation and not f.null and getattr(part, f.attname) is None for f in fields):
        return False  # it refers to a record that is only coming into being
    unique = {name for constraint in model._meta.total_unique_constraints for name in constraint.fields} - {model.whole}
    said = {
        field.attname: value
        for field in fields
        if (value := getattr(part, field.attname)) not in (None, "") and (not unique or field.name in unique)
    }
    return bool(model._base_manager.filter(**{model.whole: record}, **said).exists())
