"""Taking a file in: who may, how large, of which kind."""

import hashlib
from typing import Any

from core.imports.models import Import


def receive(user: Any, kind: str, file: Any, *, address: str | None = None, request_id: str = "") -> Import:
    """Stores an uploaded file as a new import.

    Raises PermissionDenied without the right to add such records, ValidationError (not a field's: show it at the file)
    if the file is too large or cannot be read; nothing is stored then.
    """
    digest = hashlib.sha256(file.read()).hexdigest()
    file.seek(0)
    import_ = Import(user=user, kind=kind, file_name=file.name, size=file.size, digest=digest, address=address)
    import_.file.save(file.name, file, save=False)
    import_.full_clean()
    import_.save()
    return import_
