"""Imports: which file came in, how its columns were read, what was found wrong and what became of its rows."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import access
from core.files import upload_path, validate_document
from core.imports.work import is_at_work
from core.records import Checked


class Import(Checked):
    """One file on its way in, or come in."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    class Duplicates(models.TextChoices):
        """What happens to a row whose record is there already."""

        SKIP = "skip", _("Skip them: keep what is there")
        UPDATE = "update", _("Update the records with the values of the file")
        REFUSE = "refuse", _("Refuse the file")

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    AT_WORK = (Status.CHECKING, Status.RUNNING)  # a process works on it, or died

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("user"), related_name="+")
    kind = models.CharField(_("records"), max_length=50)
    file = models.FileField(
        _("file"), upload_to=upload_path("core.import"), max_length=200, blank=True, validators=[validate_document]
    )
    file_name = models.CharField(_("file name"), max_length=255)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    digest = models.CharField(max_length=64, blank=True)  # SHA-256
    format = models.CharField(_("format"), max_length=4, choices=Format, blank=True)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    delimiter = models.CharField(_("delimiter"), max_length=1, blank=True)
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    mapping = models.JSONField(_("columns"), default=list, blank=True)  # per column of the file a code, or ""
    values = models.JSONField(_("values for all rows"), default=dict, blank=True)  # by code, as one would type them
    duplicates = models.CharField(_("duplicates"), max_length=10, choices=Duplicates, default=Duplicates.SKIP)
    add_missing = models.BooleanField(
        _("add missing organizations"),
        default=False,
        help_text=_("An organization that is named in a row and not known yet is added as well."),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.UPLOADED)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, db_index=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    run = models.CharField(max_length=16, blank=True)  # which attempt it is; an older one can no longer finish
    beat_at = models.DateTimeField(null=True, blank=True)  # last sign of life of the process that works on it
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    rows_added = models.PositiveIntegerField(_("added"), default=0)
    rows_updated = models.PositiveIntegerField(_("updated"), default=0)
    rows_skipped = models.PositiveIntegerField(_("skipped"), default=0)
    problem_count = models.PositiveIntegerField(_("problems"), default=0)
    problems = models.JSONField(_("problems"), default=list, blank=True)  # the first `problems.MOST_KEPT`
    preview = models.JSONField(_("preview"), default=list, blank=True)  # rows as `checking.PreviewRow`
    failure = models.JSONField(_("failure"), default=dict, blank=True)  # text by language
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)  # of who started it, for the audit
    request_id = models.CharField(max_length=64, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("undone by"), related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-created_at", "-pk")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_silent(self) -> bool:
        """Whether it claims to be at work while nobody works on it any more; then it can be started again."""
        undoing = self.status == self.Status.UNDOING
        begun = self.beat_at if undoing else self.started_at
        return (undoing or self.status in self.AT_WORK) and begun is not None and not is_at_work(self.pk)


class ImportedRecord(Checked):
    """A record that an import added or updated, so that the import can be undone."""

    class Effect(models.TextChoices):
        CREATED = "created", _("Added")
        UPDATED = "updated", _("Updated")

    origin = models.ForeignKey(Import, models.CASCADE, verbose_name=_("import"), related_name="records")
    row = models.PositiveIntegerField(_("row"))
    content_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    effect = models.CharField(_("effect"), max_length=10, choices=Effect, default=Effect.CREATED)
    version = models.PositiveIntegerField(default=1)  # of the record, as the import left it
    before = models.JSONField(default=dict, blank=True)  # of an updated record: what it held before

    class Meta:
        verbose_name = _("imported record")
        verbose_name_plural = _("imported records")
        ordering = ("pk",)
        default_permissions = ()
        indexes = [models.Index(fields=["content_type", "object_id"], name="imported_record")]

    def __str__(self) -> str:
        return f"{self.row}"


class ImportMapping(Checked):
    """How a user last mapped the columns of files with these headings."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=50)
    headings = models.CharField(max_length=64)  # SHA-256 of the headings
    mapping = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "headings"],
                name="import_mapping_once",
                violation_error_message=_("These headings are mapped already."),
            )
        ]

    def __str__(self) -> str:
        return self.kind


def own(user: Any, queryset: models.QuerySet[Any], action: str) -> models.QuerySet[Any]:
    """Scope: who brought a file in sees it."""
    return queryset.filter(user=user) if user.pk else queryset


access.register(Import, own)
access.register_part(ImportedRecord, "origin")
