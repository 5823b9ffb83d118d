"""Bringing a file in as staff do: uploaded, mapped as suggested, checked, carried out."""

import csv
import io

from django.core.files.base import ContentFile

from core import resources
from core.exports import Export, csv_chunks, write_xlsx
from core.imports import checking, mapping, running, uploads
from core.imports.models import Import


def csv_bytes(*rows, encoding="utf-8", delimiter=","):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def uploaded(user, kind, content, name="list.csv", **choices):
    import_ = uploads.receive(user, kind, ContentFile(content, name=name))
    for choice, value in choices.items():
        setattr(import_, choice, value)
    if "mapping" not in choices:
        import_.mapping = mapping.suggest(import_)
    import_.save()
    return import_


def checked(user, kind, content, name="list.csv", **choices):
    """(import, preview)"""
    import_ = uploaded(user, kind, content, name, **choices)
    return import_, checking.check(import_)


def imported(user, kind, content, name="list.csv", **choices):
    """A finished import; what went wrong is an assertion with the messages."""
    import_, preview = checked(user, kind, content, name, **choices)
    assert preview.problems == [], told(preview)
    return carried_out(import_)


def carried_out(import_):
    Import.objects.filter(pk=import_.pk).update(status=Import.Status.WAITING)
    running.run(import_.pk)
    import_.refresh_from_db()
    assert import_.status == Import.Status.DONE, import_.failure
    return import_


def told(preview):
    """(row, heading, message) of each problem."""
    return [(problem.row, problem.heading, problem.texts["en"]) for problem in preview.problems]


def exported(user, slug, file_format="csv", headers="labels"):
    resource = resources.get(slug)
    export = Export(resource, resource.ordered(resource.all(user, "export")), user, resource.columns.listed(), headers)
    if file_format == "csv":
        content = b"".join(csv_chunks(export))
    else:
        file = io.BytesIO()
        write_xlsx(export, file)
        content = file.getvalue()
    assert export.complete
    return content
