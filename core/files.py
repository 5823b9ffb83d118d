"""Uploaded files: where they are stored, what may come in, and which record each of them belongs to."""

import secrets
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage
from django.db.models import FileField, Model
from django.utils.deconstruct import deconstructible
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

MEGABYTE = 2**20
LARGEST = 20 * MEGABYTE
LONGEST_NAME = 60  # characters; three bytes each in Chinese and Japanese, and a file name ends at 255 bytes

ZIP, PDF, PNG, JPEG = b"PK\x03\x04", b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
# What a file of each kind begins with; None: text, in any encoding. No archives: nobody sees what is inside, and
# nothing that a browser runs (html, svg).
KINDS: dict[str, bytes | None] = {
    "pdf": PDF,
    "docx": ZIP,
    "xlsx": ZIP,
    "pptx": ZIP,
    "odt": ZIP,
    "ods": ZIP,
    "jpg": JPEG,
    "jpeg": JPEG,
    "png": PNG,
    "txt": None,
    "csv": None,
}
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class PrivateStorage(FileSystemStorage):
    """Files on disk that no web server reaches; `core.downloads` hands them out to those who may see the record."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("directory_permissions_mode", 0o700)
        super().__init__(**options)


@deconstructible
class UploadPath:
    """`upload_to` of a file field: `<folder>/<random>/<the file's own name>`."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __call__(self, instance: Model, filename: str) -> str:
        # Two files of one name do not meet, and nobody guesses an address from a file name.
        return f"{self.folder}/{secrets.token_hex(8)}/{stored_name(filename)}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UploadPath) and other.folder == self.folder

    def __hash__(self) -> int:
        return hash(self.folder)


def upload_path(folder: str) -> UploadPath:
    """For `FileField(upload_to=upload_path("projects.contract"))`; the folder is the model's label."""
    return UploadPath(folder)


def stored_name(filename: str) -> str:
    """The file's own name without anything that a file system or a header could take amiss."""
    path = PurePosixPath(filename.replace("\\", "/").replace("\x00", ""))
    # Django refuses a name of which nothing remains; the x in front keeps it going.
    stem = get_valid_filename(f"x{path.stem.strip('. ')[:LONGEST_NAME]}")[1:]
    return get_valid_filename(f"{stem or 'file'}{path.suffix.lower()}")


def extension(filename: str) -> str:
    return PurePosixPath(filename).suffix.lower().removeprefix(".")


def validate_document(file: Any) -> None:
    """Validator of file fields: kind, size and beginning of a newly uploaded file."""
    if getattr(file, "_committed", False):
        return  # already stored: it was checked when it came, and saving the record need not read it again
    kind = extension(file.name)
    if kind not in KINDS:
        message = _("Files of this kind cannot be stored. Choose one of: %(kinds)s.")
        raise ValidationError(message, code="kind", params={"kinds": ", ".join(KINDS)})
    if file.size > LARGEST:
        message = _("The file is too large: %(size)d MB. The limit is %(limit)d MB.")
        params = {"size": -(-file.size // MEGABYTE), "limit": LARGEST // MEGABYTE}
        raise ValidationError(message, code="size", params=params)
    if not _begins_like(kind, _beginning(file)):
        message = _("The content of this file does not fit its name: it is not a %(kind)s file.")
        raise ValidationError(message, code="content", params={"kind": kind.upper()})


def _beginning(file: Any) -> bytes:
    file.seek(0)
    beginning = file.read(4096)
    file.seek(0)
    return bytes(beginning)


def _begins_like(kind: str, beginning: bytes) -> bool:
    signature = KINDS[kind]
    if signature is None:
        return beginning.startswith(UTF16_MARKS) or b"\x00" not in beginning
    if signature is PDF:
        return PDF in beginning[:1024]  # readers accept a few bytes before it, and some scanners write them
    return beginning.startswith(signature)


def file_fields() -> dict[str, list[tuple[type[Model], str]]]:
    """Which models' fields keep their files in each folder."""
    found: dict[str, list[tuple[type[Model], str]]] = {}
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, FileField) and isinstance(field.upload_to, UploadPath):
                found.setdefault(field.upload_to.folder, []).append((model, field.name))
    return found


def attachment(filename: str, plain: str = "") -> str:
    """A Content-Disposition value: the name in UTF-8 (RFC 6266, 5987), and a plain one for old programs."""
    ascii_name = "".join(c for c in plain or filename if c.isascii() and c.isprintable() and c not in '"\\%')
    return f"attachment; filename=\"{ascii_name or 'file'}\"; filename*=UTF-8''{quote(filename, safe='')}"
