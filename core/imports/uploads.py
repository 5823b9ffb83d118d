"""Taking a file in: who may, how large, of which kind; and clearing old files away."""

import datetime
import hashlib
from pathlib import PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import access
from core.imports import csv_file, encodings, kinds
from core.imports.limits import MEGABYTE
from core.imports.models import Import
from core.imports.reading import file_format
from core.imports.workbook import Workbook

LONGEST_NAME = 255
TOO_LARGE = _(
    "The file has %(size)s MB. At most %(limit)s MB can be imported: split it, or leave out what is not needed."
)


def receive(user: Any, kind: str, file: Any, *, address: str | None = None, request_id: str = "") -> Import:
    """Stores an uploaded file as a new import, with what can be told about how to read it.

    Raises PermissionDenied without the right to add such records, ValidationError (not a field's: show it at the file)
    if the file is too large or of another kind; nothing is stored then.
    """
    if not access.may(user, "add", kinds.get(kind).resource.model):
        raise PermissionDenied
    _check_size(file.size)
    import_ = Import(user=user, kind=kind, size=file.size, address=address, request_id=request_id)
    import_.file_name = PurePosixPath(file.name.replace("\\", "/").replace("\x00", "")).name[-LONGEST_NAME:]
    _detect(import_, file)
    import_.digest = _digest(file)
    import_.full_clean()
    import_.file.save(import_.file_name, file, save=False)
    import_.save()
    return import_


def _check_size(size: int) -> None:
    limit = settings.IMPORT_MAX_MB
    if size > limit * MEGABYTE:
        raise ValidationError(TOO_LARGE, code="size", params={"size": -(-size // MEGABYTE), "limit": limit})


def _detect(import_: Import, file: IO[bytes]) -> None:
    import_.format = file_format(file)
    if import_.format == Import.Format.XLSX:
        import_.sheet = Workbook(file).first_filled()
        return
    import_.encoding = encodings.detect(file)
    import_.delimiter = csv_file.detect_delimiter(encodings.sample_text(file, import_.encoding))


def _digest(file: Any) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def clear_old_files() -> None:
    """Deletes uploaded files, and what was shown of them, after IMPORT_KEEP_DAYS. What an import did stays known."""
    limit = timezone.now() - datetime.timedelta(days=settings.IMPORT_KEEP_DAYS)
    for import_ in Import.objects.filter(created_at__lt=limit).exclude(file="").exclude(status__in=Import.AT_WORK):
        import_.file.delete(save=False)
        Import.objects.filter(pk=import_.pk).update(file="", preview=[], problems=[])
