"""Which column of a file is which field: suggested, chosen by people, remembered."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core.imports import kinds
from core.imports.inputs import DISPLAY, inputs_of
from core.imports.models import Import, ImportMapping
from core.imports.reading import inspect
from core.search import fold

UNKNOWN = _("“%(code)s” is no column of these records.")
TWICE = _("Two columns are mapped to “%(label)s”. Choose one of them.")
NOTHING = _("No column is chosen. Say for at least one column what it holds, or check how the file is separated.")
MISSING = _("“%(label)s” is needed: choose its column, or give one value for all rows.")
# What people add to headings without meaning another thing: marks for "required", and notes in brackets.
_NOISE = re.compile(r"[\s*※:_/・.\-()\[\]【】]|必須|必填|required")
_NOTE = re.compile(r"\(.*?\)|\[.*?\]|【.*?】")


@dataclass(frozen=True)
class Target:
    """Something that a column of a file can be."""

    code: str
    label: Any
    required: bool = False  # without it (as a column, or as a value for all rows) nothing can be added
    help: Any = ""
    group: Any = ""


def targets(kind: str) -> list[Target]:
    """Everything that can come in: as in the export, then what lists of others have."""
    declared = kinds.get(kind)
    extras = {extra.code for extra in declared.extras}
    return [
        Target(
            one.code,
            one.label,
            required=one.required or one.code == declared.needs_name,
            help=one.help,
            group=_("From lists of others") if one.code in extras else "",
        )
        for one in inputs_of(declared).values()
    ]


def suggest(import_: Import) -> list[str]:
    """A code or "" for each column: our own export maps itself, then what the user chose for these headings before,
    then what such a heading usually means."""
    headings = inspect(import_).headings
    own = _from_own_export(import_.kind, headings)
    if own is not None:
        return own
    remembered = ImportMapping.objects.filter(**_remembered_by(import_, headings)).first()
    if remembered is not None and len(remembered.mapping) == len(headings):
        return list(remembered.mapping)
    return _guess(import_.kind, headings)


def origin(import_: Import) -> str:
    """Where the suggestion comes from: `export`, `remembered` or `guess`."""
    headings = inspect(import_).headings
    if _from_own_export(import_.kind, headings) is not None:
        return "export"
    return "remembered" if ImportMapping.objects.filter(**_remembered_by(import_, headings)).exists() else "guess"


def _from_own_export(kind: str, headings: list[str]) -> list[str] | None:
    """The codes, where all headings are codes, or all of them labels in one language."""
    declared = kinds.get(kind)
    known = inputs_of(declared)
    columns = declared.resource.columns.listed()
    for names in ({column.code: column.code for column in columns}, *_labels(columns)):
        if len(headings) > 1 and all(heading in names for heading in headings):
            codes = [names[heading] for heading in headings]
            return [code if code in known and code not in codes[:at] else "" for at, code in enumerate(codes)]
    return None


def _labels(columns: Any) -> list[dict[str, str]]:
    found = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.append({str(column.label): column.code for column in columns})
    return found


def _guess(kind: str, headings: list[str]) -> list[str]:
    meanings = _meanings(kind)
    found: list[str] = []
    for heading in headings:
        code = meanings.get(heading_key(heading)) or meanings.get(heading_key(_NOTE.sub("", fold(heading))), "")
        found.append(code if code not in found else "")
    return found


def _meanings(kind: str) -> dict[str, str]:
    """What a heading means, by its key. Names of relations come before their numbers, which nobody types."""
    declared = kinds.get(kind)
    known = inputs_of(declared)
    meanings: dict[str, str] = {}
    for code, words in declared.synonyms.items():
        meanings |= {heading_key(word): code for word in words}
    for names in _labels(list(known.values())):
        for label, code in names.items():
            meanings.setdefault(heading_key(label), code)
    for code in known:
        plain = code.removesuffix(DISPLAY)
        meanings.setdefault(heading_key(plain), f"{plain}{DISPLAY}" if f"{plain}{DISPLAY}" in known else code)
        meanings.setdefault(heading_key(code), code)
    return meanings


def heading_key(heading: str) -> str:
    folded = fold(heading)
    return _NOISE.sub("", folded) or folded


def check(import_: Import, mapping: list[str]) -> None:
    """Raises ValidationError (a list of messages) for codes that do not exist or are given twice, or if none is."""
    known = inputs_of(kinds.get(import_.kind))
    chosen = [code for code in mapping if code]
    errors = [ValidationError(UNKNOWN, "unknown", {"code": code}) for code in chosen if code not in known]
    twice = [code for code in dict.fromkeys(chosen) if chosen.count(code) > 1 and code in known]
    errors += [ValidationError(TWICE, "twice", {"label": known[code].label}) for code in twice]
    if not chosen:
        errors.append(ValidationError(NOTHING, "nothing"))
    if errors:
        raise ValidationError(errors)


def check_complete(import_: Import) -> None:
    """Raises ValidationError (a list of messages) where what every record needs is given nowhere."""
    check(import_, list(import_.mapping))
    kind = kinds.get(import_.kind)
    known = inputs_of(kind)
    given = {*import_.mapping, *(code for code, text in import_.values.items() if text), *kind.defaults(import_.user)}
    names = {code.removesuffix(DISPLAY) for code in given}
    identifies = given & {"id", "reference"} and import_.duplicates == Import.Duplicates.UPDATE
    missing = [
        one for one in known.values() if one.required and one.code.removesuffix(DISPLAY) not in names and not identifies
    ]
    by_name = {one.code.removesuffix(DISPLAY): one for one in missing}  # of two columns of a relation the name
    if by_name:
        raise ValidationError([ValidationError(MISSING, "missing", {"label": one.label}) for one in by_name.values()])


def remember(import_: Import) -> None:
    """Keeps the import's mapping for the next file of this user with these headings."""
    headings = inspect(import_).headings
    ImportMapping.objects.update_or_create(
        **_remembered_by(import_, headings), defaults={"mapping": list(import_.mapping)}
    )


def _remembered_by(import_: Import, headings: list[str]) -> dict[str, Any]:
    digest = hashlib.sha256(json.dumps(headings, ensure_ascii=False).encode()).hexdigest()
    return {"user": import_.user, "kind": import_.kind, "headings": digest}
