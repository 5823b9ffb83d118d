from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Projects and contracts")

    def ready(self) -> None:
        from projects import boards, calendars, panels, resources  # noqa: F401, PLC0415  they register themselves on import
