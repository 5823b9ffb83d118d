from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("Companies and people")

    def ready(self) -> None:
        # They register themselves on import.
        from crm import boards, calendars, imports, merging, panels, resources, timeline  # noqa: F401, PLC0415
