from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("Companies and people")

    def ready(self) -> None:
        from crm import boards, calendars, imports, panels, resources  # noqa: F401, PLC0415  they register themselves on import
