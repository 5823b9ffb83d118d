from django.apps import AppConfig
from django.contrib.admin import apps as django_admin
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    default = True
    name = "core"
    verbose_name = _("System")

    def ready(self) -> None:
        from core import audit, checks, search_index, timeline_sources  # noqa: F401, PLC0415  receivers and checks are registered on import

        audit.register_all()
        post_migrate.connect(search_index.restore_triggers, dispatch_uid="liaison-search-triggers")


class AdminConfig(django_admin.AdminConfig):
    """Django's admin with our site class, so that `admin.register` registers there."""

    default = False
    default_site = "core.admin.site.LiaisonAdminSite"
