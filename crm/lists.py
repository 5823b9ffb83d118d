"""Reference lists of this app."""

from django.utils.translation import gettext_lazy as _

from core import access
from core.reference import ReferenceItem


class Sector(ReferenceItem):
    """A branch of industry."""

    class Meta(ReferenceItem.Meta):
        abstract = False
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")


class Channel(ReferenceItem):
    """How a lead reached the agency."""

    class Meta(ReferenceItem.Meta):
        abstract = False
        verbose_name = _("channel")
        verbose_name_plural = _("channels")


class LostReason(ReferenceItem):
    """Why a lead or project came to nothing."""

    class Meta(ReferenceItem.Meta):
        abstract = False
        verbose_name = _("lost reason")
        verbose_name_plural = _("lost reasons")


for _model in (Sector, Channel, LostReason):
    access.register(_model)
