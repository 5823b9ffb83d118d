"""What left the system as a file: who took which records and fields, and when."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import access


class ExportLog(models.Model):
    """One export. `rows` stays empty if the transfer broke off before the end."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("user"), related_name="+", null=True
    )
    user_name = models.CharField(_("user name"), max_length=150)
    resource = models.CharField(_("records"), max_length=50)
    format = models.CharField(_("format"), max_length=10)
    parameters = models.JSONField(_("filter"), default=dict)
    columns = models.JSONField(_("columns"), default=list)
    rows = models.PositiveIntegerField(_("rows"), null=True)
    size = models.PositiveBigIntegerField(_("size (bytes)"), null=True)
    digest = models.CharField(
        _("SHA-256"),
        max_length=64,
        blank=True,
        db_index=True,
        help_text=_("Of the file; it tells which export a file is."),
    )
    started_at = models.DateTimeField(_("started at"), default=timezone.now)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ("-started_at",)
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.resource}.{self.format} {self.started_at:%Y-%m-%d %H:%M}"


def own_exports(user: Any, queryset: models.QuerySet[Any], action: str) -> models.QuerySet[Any]:
    """One's own; who manages accounts, and whom no scope holds back (auditors), sees all."""
    oversees = user.has_perm("core.change_user") or access.sees_all(user)
    return queryset if oversees else queryset.filter(user=user)


access.register(ExportLog, own_exports)
