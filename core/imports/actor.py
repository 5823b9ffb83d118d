"""In whose name, language and time zone a file is read, wherever that happens."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone, translation

from core.imports.models import Import
from core.request_context import acting


@contextmanager
def acting_as(import_: Import) -> Iterator[None]:
    """Stamps and audit entries name the user who brought the file in, from where and with which request."""
    user = import_.user
    with (
        acting(user, import_.address, import_.request_id),
        translation.override(user.language),
        timezone.override(zoneinfo.ZoneInfo(user.time_zone)),
    ):
        yield
