from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Projects and contracts")

    def ready(self) -> None:
        # They register themselves on import.
        from projects import boards, calendars, panels, resources, timeline  # noqa: F401, PLC0415
