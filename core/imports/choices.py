"""What people decide between the upload and the start: how the file is read, which column is what, which file it is.

Every change is a conditional UPDATE: an import that has moved on in another window, or in the worker, is not touched.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from core.imports import mapping as columns
from core.imports.checking import check, is_quick
from core.imports.models import Import
from core.imports.reading import inspect
from core.imports.running import check_later
from core.imports.uploads import receive

OPEN = (Import.Status.UPLOADED, Import.Status.CHECKED, Import.Status.FAILED)


def is_open(import_: Import) -> bool:
    """Whether it can still be decided about: nothing of it is under way or stored."""
    return import_.status in _open(import_)


def _open(import_: Import) -> tuple[str, ...]:
    # A check that was interrupted is as good as none.
    return (*OPEN, Import.Status.CHECKING) if import_.is_silent else OPEN


def moved_on() -> ValidationError:
    message = _("This import has moved on meanwhile, perhaps in another window. Here is where it stands now.")
    return ValidationError(message, code="moved_on")


def has_moved_on(error: ValidationError) -> bool:
    return getattr(error, "code", None) == "moved_on"


def _store(import_: Import, **values: Any) -> None:
    values = {"status": Import.Status.UPLOADED, **values}
    if not Import.objects.filter(pk=import_.pk, status__in=_open(import_)).update(**values):
        raise moved_on()
    for name, value in values.items():
        setattr(import_, name, value)


def read_as(import_: Import, **choices: str) -> None:
    """Stores how the file is read (`encoding`, `delimiter`, `sheet`). Other headings ask for another mapping.

    Raises ValidationError if the import has moved on.
    """
    if any(getattr(import_, name) != value for name, value in choices.items()):
        _store(import_, mapping=[], **choices)


def keep_draft(import_: Import, mapping: Sequence[str], values: Mapping[str, str]) -> None:
    """Stores unfinished choices without judging them, so that leaving the page loses nothing."""
    known = {target.code for target in columns.targets(import_.kind)}
    _store(
        import_,
        mapping=[code if code in known else "" for code in mapping],
        values={code: value for code, value in values.items() if code in known},
    )


def choose(import_: Import, mapping: Sequence[str], values: Mapping[str, str], *, add_missing: bool = False) -> None:
    """Stores and remembers which column is what, and checks the rows: at once, or in the background if there are many.

    Raises ValidationError (a list of messages) for a mapping that cannot be, or a file that cannot be read.
    """
    columns.check(import_, list(mapping))
    _store(import_, mapping=list(mapping), values=dict(values), add_missing=add_missing)
    columns.remember(import_)
    _check(import_)


def check_again(import_: Import, duplicates: str) -> None:
    """Checks with another answer to what happens to records that are there already."""
    _store(import_, duplicates=duplicates)
    _check(import_)


def _check(import_: Import) -> None:
    if is_quick(import_):
        check(import_)
    else:
        check_later(import_)


def replace(import_: Import, file: Any, **origin: Any) -> Import:
    """Takes a corrected file in the place of the first one: choices stay if the headings are the same.

    Raises ValidationError as `receive` does; the first file then stays.
    """
    if not is_open(import_):
        raise moved_on()
    with transaction.atomic():
        new = receive(import_.user, import_.kind, file, **origin)
        _take_over(new, import_)
        discard(import_)
    return new


def _take_over(new: Import, old: Import) -> None:
    new.values, new.duplicates, new.add_missing = old.values, old.duplicates, old.add_missing
    try:
        if inspect(new).headings == inspect(old).headings:
            new.mapping = old.mapping
    except ValidationError:
        pass  # one of them cannot be read as it is: there is nothing to compare, and the next page says why
    new.save()


def discard(import_: Import) -> None:
    """Forgets an import that was not carried out, with its file."""
    name = import_.file.name
    if not Import.objects.filter(pk=import_.pk, status__in=_open(import_)).delete()[0]:
        raise moved_on()
    if name:
        transaction.on_commit(lambda: default_storage.delete(name))


def fingerprint(import_: Import) -> str:
    """Of the check that somebody has seen: an import is started as it was shown, or not at all."""
    seen = [
        import_.digest, import_.encoding, import_.delimiter, import_.sheet, import_.mapping, import_.values,
        import_.duplicates, import_.add_missing, import_.rows_total, import_.problem_count,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()[:16]
