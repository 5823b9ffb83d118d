"""What every business record has: who and when, a version against silent overwriting, archive and restore, search."""

import contextlib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import search_text
from core.database_text import Joined
from core.dates import refuse_far_dates
from core.request_context import current_user
from core.search import MOST_WORDS, fold, parse


class StaleRecord(Exception):
    """The record was changed by somebody else since it was read."""

    def __init__(self, record: models.Model) -> None:
        self.record = record
        super().__init__(f"{record._meta.label} {record.pk} was changed since it was read")


_changed: ContextVar[set[tuple[type[models.Model], Any]] | None] = ContextVar("liaison_changed", default=None)


@contextlib.contextmanager
def one_change() -> Iterator[None]:
    """What is stored inside, in one transaction, is one change: the version of a record is raised once, however many of
    its parts and links were stored with it."""
    if _changed.get() is not None:
        yield
        return
    token = _changed.set(set())
    try:
        yield
    finally:
        _changed.reset(token)


def refuse_nul(record: models.Model) -> None:
    """PostgreSQL cannot store NUL and SQLite cuts there, so no text may hold one. Raises ValidationError by field."""
    message = _("This text contains a character (NUL) that cannot be stored. Remove it and try again.")
    bad = {
        field.name: ValidationError(message, code="null_character")
        for field in record._meta.concrete_fields
        if isinstance(value := getattr(record, field.attname, None), str) and "\x00" in value
    }
    if bad:
        raise ValidationError(bad)


class _MostlyEmpty(IsNull):
    """`IS NULL` of a field that is empty in most rows. SQLite takes every single value for rare: unless it is told, it
    finds most of the table in the field's own index and sorts it, although the order of the list has an index."""

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        sql, params = self.as_sql(compiler, connection)
        return f"likely({sql})", params


def mostly_empty(name: str) -> IsNull:
    """The condition that a field is empty, as it is in most rows."""
    return _MostlyEmpty(F(name), True)


class RecordQuerySet(models.QuerySet[Any]):
    def active(self) -> Self:
        return self.filter(mostly_empty("archived_at"))

    def archived(self) -> Self:
        return self.filter(archived_at__isnull=False)

    def search(self, text: str) -> Self:
        """Records in which every word of the text occurs, in any script (`core.search`)."""
        if "\x00" in text:  # no text holds it
            return self.none()
        return self.filter(self.model.search_condition(text)) if text.strip() else self

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """As Django's, with the texts for the search (`core.search_text`)."""
        objs = list(objs)
        search_text.stamp(objs)
        return super().bulk_create(objs, *args, **kwargs)

    bulk_create.alters_data = True  # type: ignore[attr-defined]

    def update(self, **kwargs: Any) -> int:
        """As Django's, with the texts for the search (`core.search_text`)."""
        model: Any = self.model
        if search_text.touched_by(model).isdisjoint(kwargs):
            return super().update(**kwargs)
        with transaction.atomic(using=self.db):
            pks = list(self.values_list("pk", flat=True))
            count = super().update(**kwargs)
            search_text.renew(self.model, pks)
        return count

    update.alters_data = True  # type: ignore[attr-defined]


def list_index(name: str, *fields: str, filled: bool = False, also: tuple[str, ...] = ()) -> models.Index:
    """An index that a list of current records is read from in the order of these fields; with `filled`, of those only
    that have a value in the last one (the others come after them, by number). It answers conditions on the fields in
    `also` without a look at the records."""
    present = Q(**{f"{fields[-1]}__isnull": False}) if filled else Q()
    return models.Index(fields=[*fields, "id", *also], name=name, condition=Q(archived_at__isnull=True) & present)


class Checked(models.Model):
    """Base of everything stored: rules that hold for each text, whichever way it comes in."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Any = None) -> None:
        errors: dict[str, Any] = {}
        clean_fields = super().clean_fields
        # All at once, so that nobody has to send a form again to hear of the next mistake.
        for check in (lambda: refuse_nul(self), lambda: clean_fields(exclude=exclude), lambda: refuse_far_dates(self)):
            try:
                check()
            except ValidationError as error:
                errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def clean_links(self, name: str, chosen: Iterable[models.Model]) -> None:
        """As `clean`, for a many-to-many relation, before its links are stored. Raises ValidationError by field."""


class Record(Checked):
    """Base of editable business records."""

    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False, db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("created by"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("updated by"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True, editable=False, db_index=True)
    archived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("archived by"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    archive_reason = models.CharField(_("reason for archiving"), max_length=255, blank=True, editable=False)
    is_sample = models.BooleanField(
        _("sample"), default=False, editable=False, help_text=_("Invented record for trying out the product.")
    )
    search_text = models.TextField(blank=True, default="", editable=False)

    objects: ClassVar[Any] = RecordQuerySet.as_manager()

    reference_prefix = ""
    display_paths: ClassVar[tuple[str, ...]] = ("id",)
    # What it is found by: fields, several fields that are read as one name, or `<part>__<field>`; and paths to the
    # records whose names it is found by as well, which all staff must share.
    searched: ClassVar[tuple[str | tuple[str, ...], ...]] = ()
    searched_related: ClassVar[tuple[str, ...]] = ()
    # Relations that tell it apart from others of the same name where it is found; all staff must share those, too.
    found_with: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True
        default_permissions = ("add", "change", "delete", "view", "export")

    @property
    def reference(self) -> str:
        """Human-readable number, e.g. `L-000123`; empty before the first save."""
        return f"{self.reference_prefix}-{self.pk:06d}" if self.pk and self.reference_prefix else ""

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @staticmethod
    def display_from(*values: Any) -> str:
        """The record's name from the values of `display_paths`, so that lists need no instance."""
        return " ".join(str(value) for value in values if value)

    @staticmethod
    def display_in_sql(*values: Any) -> Any:
        """`display_from` as an expression, of expressions; whoever overrides one overrides both."""
        return values[0] if len(values) == 1 else Joined(" ", *values)

    def __str__(self) -> str:
        return self.display_from(*(getattr(self, path) for path in self.display_paths))

    def spellings(self) -> list[tuple[str, str]]:
        """All names that it goes by, each with the code of its language, or with none where that is not known."""
        return [(str(self), "")]

    @property
    def detail(self) -> str:
        """What tells it apart from others of the same name, e.g. a lead's organization."""
        related = (getattr(self, path.partition("__")[0]) for path in self.found_with)
        named = (value.all() if isinstance(value, models.Manager) else [value] for value in related)
        return " · ".join(str(record) for records in named for record in records if record is not None)

    @classmethod
    def number_in(cls, word: str) -> int | None:
        """123 for `L-000123`, however it is typed."""
        prefix, _dash, number = fold(word).rpartition("-")
        is_number = number.isascii() and number.isdigit() and len(number) < 18
        return int(number) if cls.reference_prefix and prefix == cls.reference_prefix.casefold() and is_number else None

    @classmethod
    def search_condition(cls, text: str) -> Q:
        """Found by the words of the record and of what it is about, one of which may be its number."""
        condition = Q(search_text__found=parse(text))
        words = text.split()[:MOST_WORDS]
        for at, word in enumerate(words):
            if (number := cls.number_in(word)) is not None:
                rest = parse(" ".join(words[:at] + words[at + 1 :]))
                condition |= Q(pk=number) if rest.is_empty else Q(pk=number, search_text__found=rest)
        return condition

    def _stamp(self) -> None:
        user = current_user()
        self.updated_at = timezone.now()
        if self._state.adding:
            self.created_by = self.created_by or user
        self.updated_by = user or self.updated_by

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Stores the record; raises StaleRecord if another save came between reading and this."""
        read_version, adding = self.version, self._state.adding
        try:
            with transaction.atomic():
                self._stamp()
                if not adding:
                    self._claim(read_version)
                # Not before the row is ours, or a name that changes meanwhile would be missed.
                before = search_text.own_line(self.search_text)
                search_text.stamp([self])
                super().save(*args, **self._saved_fields(kwargs))
                if adding:
                    self._step()
                elif before != search_text.own_line(self.search_text):
                    search_text.renew_dependents(type(self), [self.pk])
        except BaseException:
            self.version = read_version
            (_changed.get() or set()).discard((type(self), self.pk))
            raise

    def _step(self) -> int:
        """By how much the version goes up: not at all where the same change has raised it already (`one_change`)."""
        changed, me = _changed.get(), (type(self), self.pk)
        if changed is None:
            return 1
        step = 0 if me in changed else 1
        changed.add(me)
        return step

    def _claim(self, read_version: int) -> None:
        # The conditional UPDATE is the lock: of two writers who read the same version only one finds it still there.
        same = type(self)._base_manager.filter(pk=self.pk, version=read_version)
        step = self._step()
        if not same.update(version=F("version") + step):
            raise StaleRecord(self)
        self.version = read_version + step

    @staticmethod
    def _saved_fields(kwargs: dict[str, Any]) -> dict[str, Any]:
        if (named := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*named, "version", "updated_at", "updated_by", "search_text"}
        return kwargs

    def content_changed(self) -> None:
        """Raises the version and renews the search text after a change that is not in the record's own row."""
        stored = type(self)._base_manager.filter(pk=self.pk)
        by = {"updated_by": user} if (user := current_user()) else {}
        stored.update(version=F("version") + self._step(), updated_at=timezone.now(), **by)
        search_text.renew(type(self), [self.pk])
        self.version, self.search_text = stored.values_list("version", "search_text").get()

    def archive(self, reason: str) -> None:
        """Takes the record out of lists; nothing that refers to it is lost. Raises ValidationError without a reason."""
        reason = reason.strip()
        if not reason:
            raise ValidationError({"reason": ValidationError(_("Say why this is archived."), code="required")})
        if self.is_archived:
            raise ValidationError(_("This record is already archived."), code="archived")
        others = [field.name for field in self._meta.fields if field.name != "archive_reason"]
        type(self)(archive_reason=reason).clean_fields(exclude=others)
        self.archived_at, self.archived_by, self.archive_reason = timezone.now(), current_user(), reason
        self.save()

    def restore(self) -> None:
        if not self.is_archived:
            raise ValidationError(_("This record is not archived."), code="not_archived")
        self.archived_at, self.archived_by, self.archive_reason = None, None, ""
        self.save()


class PartQuerySet(models.QuerySet[Any]):
    """What writes many parts at once renews the search text of the records that they belong to."""

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        objs = list(objs)
        with transaction.atomic(using=self.db):
            created = super().bulk_create(objs, *args, **kwargs)
            self._renew(getattr(part, self._whole.attname) for part in objs)
        return created

    bulk_create.alters_data = True  # type: ignore[attr-defined]

    def update(self, **kwargs: Any) -> int:
        with transaction.atomic(using=self.db):
            left = list(self.values_list(self._whole.attname, flat=True))
            joined = [kwargs[name] for name in (self._whole.name, self._whole.attname) if name in kwargs]
            count = super().update(**kwargs)
            self._renew([*left, *(getattr(whole, "pk", whole) for whole in joined)])
        return count

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using=self.db):
            left = list(self.values_list(self._whole.attname, flat=True))
            deleted = super().delete()
            self._renew(left)
        return deleted

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    @property
    def _whole(self) -> Any:
        return self.model._meta.get_field(self.model.whole)

    def _renew(self, wholes: Iterable[Any]) -> None:
        part: Any = self.model
        if search_text.shows_in_whole(part):
            search_text.renew(self._whole.related_model, wholes)


class Part(Checked):
    """A row that exists only as part of a record (`whole`); a change to it is a change of that record."""

    whole: str

    objects: ClassVar[Any] = PartQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.content_changed()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            result = super().delete(*args, **kwargs)
            self.content_changed()
        return result

    def content_changed(self) -> None:
        getattr(self, self.whole).content_changed()


@receiver(m2m_changed, dispatch_uid="liaison-links-are-content")
def links_are_content(
    sender: Any, instance: Any, action: str, reverse: bool, model: Any, pk_set: set[Any] | None, **kwargs: Any
) -> None:
    """A change of a many-to-many relation is a change of the records that declare it, from whichever side it comes."""
    if action == "pre_clear" or (pk_set and action in ("post_add", "post_remove")):
        for record in _declaring(model, sender, instance, pk_set) if reverse else [instance]:
            if isinstance(record, Record | Part):
                record.content_changed()


def _declaring(model: Any, through: Any, linked: Any, pks: set[Any] | None) -> Any:
    name = next(field.name for field in model._meta.many_to_many if field.remote_field.through is through)
    return model._base_manager.filter(**({"pk__in": pks} if pks else {name: linked}))
