from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        # They register themselves on import.
        from events import calendars, imports, panels, resources, timeline  # noqa: F401, PLC0415
