"""Reference lists (sectors, channels …): three names, a stable code, retired by date and never deleted."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.localized import localized, localized_in_sql
from core.records import Checked


class ReferenceQuerySet(models.QuerySet["ReferenceItem"]):
    def in_use(self, today: datetime.date | None = None) -> "ReferenceQuerySet":
        """Entries that may be chosen for a new record."""
        return self.filter(Q(retired_on__isnull=True) | Q(retired_on__gt=today or timezone.localdate()))


class ReferenceItem(Checked):
    """One entry of a reference list. Integrations rely on `code`, which never changes its meaning."""

    code = models.SlugField(_("code"), max_length=50, unique=True)
    name_en = models.CharField(_("English name"), max_length=100)
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_ja = models.CharField(_("Japanese name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    retired_on = models.DateField(
        _("retired on"), null=True, blank=True, help_text=_("From this day on it can no longer be chosen.")
    )

    objects = ReferenceQuerySet.as_manager()

    display_paths = ("name_en", "name_zh", "name_ja")

    class Meta:
        abstract = True
        ordering = ("position", "code")
        default_permissions = ("add", "change", "view", "export")

    @staticmethod
    def display_from(english: str, chinese: str, japanese: str) -> str:
        return localized(english, english, chinese, japanese)

    @staticmethod
    def display_in_sql(english: Any, chinese: Any, japanese: Any) -> Any:
        return localized_in_sql(english, english, chinese, japanese)

    def __str__(self) -> str:
        return self.display_from(self.name_en, self.name_zh, self.name_ja)

    def is_retired(self) -> bool:
        return self.retired_on is not None and self.retired_on <= timezone.localdate()


def refuse_retired(record: models.Model, *names: str) -> None:
    """A retired entry may stay where it is, but is not chosen anew. Raises ValidationError at the field."""
    for name in names:
        item = getattr(record, name, None)
        if item is None or not item.is_retired():
            continue
        same = record.pk and type(record)._base_manager.filter(pk=record.pk, **{name: item}).exists()
        if not same:
            raise ValidationError({name: _retired(item)})


def refuse_retired_links(record: models.Model, name: str, chosen: Iterable[models.Model]) -> None:
    """As `refuse_retired`, for a many-to-many relation; asked before the links are stored."""
    retired = [item for item in chosen if isinstance(item, ReferenceItem) and item.is_retired()]
    kept = set(getattr(record, name).values_list("pk", flat=True)) if retired and record.pk else set()
    if new := [item for item in retired if item.pk not in kept]:
        raise ValidationError({name: _retired(new[0])})


def _retired(item: ReferenceItem) -> ValidationError:
    message = _("“%(item)s” is no longer in use. Choose another entry.")
    return ValidationError(message, "retired", {"item": item})
