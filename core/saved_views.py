"""How people like a list: views saved under a name, and the columns and density that each has chosen."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from core import access, resources
from core.accounts import User
from core.records import Checked

KEEP_SHARED = "core.keep_shared_views"
_CODES = RegexValidator(r"\A-?[A-Za-z0-9_]+(,-?[A-Za-z0-9_]+)*\Z", _("These are no columns of a list."))


def split(text: str) -> list[str]:
    """The names in a comma separated text, each once."""
    return list(dict.fromkeys(name for name in text.split(",") if name))


def normal_query(parameters: QueryDict) -> str:
    """Filters as they are stored: without those that are not set, in the same order for the same filters."""
    return urlencode(sorted((name, value) for name, values in parameters.lists() for value in values if value))


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def of_list(self, slug: str) -> "SavedViewQuerySet":
        return self.filter(list=slug)

    def as_tabs(self, user: Any) -> list["SavedView"]:
        """One's own first, then those that others share, each by name."""
        return sorted(self.select_related("user"), key=lambda view: (view.user_id != user.pk, view.name.casefold()))


class SavedView(Checked):
    """The filters, order and columns of a list under a name, for its owner alone or for all who may see the list."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("owner"), related_name="+")
    list = models.CharField(_("list"), max_length=50)  # slug of a resource
    name = models.CharField(_("name"), max_length=60)
    is_shared = models.BooleanField(
        _("shared"), default=False, help_text=_("All who may see this list see the view. Each sees only their records.")
    )
    query = models.CharField(_("filters"), max_length=2000, blank=True)  # as in the address of the list
    order = models.CharField(_("order"), max_length=500, blank=True, validators=[_CODES])
    columns = models.CharField(_("shown columns"), max_length=2000, blank=True, validators=[_CODES])

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("list", "name")
        default_permissions = ("add", "change", "view")
        permissions = [("keep_shared_views", "Can change the shared views of others")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "list", "name"],
                name="saved_view_name_once",
                violation_error_message=_("You have a view of this name already. Choose another name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.list not in resources.everything():
            raise ValidationError({"list": ValidationError(_("There is no such list."), "unknown")})

    @property
    def filters(self) -> QueryDict:
        return QueryDict(self.query)

    def holds(self, query: str, order: str, columns: str) -> bool:
        """Whether a list that is filtered, ordered and drawn so is this view as it is stored."""
        return (self.query, self.order, self.columns) == (query, order, columns)


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


@dataclass(frozen=True)
class ListSettings:
    """How one person sees one list. It is kept with the account, which every request reads anyway."""

    columns: str = ""
    density: str = Density.COMFORTABLE
    opens: int | None = None  # the view that the list opens with; it may be gone by now

    @classmethod
    def of(cls, user: Any, slug: str) -> "ListSettings":
        return cls(**user.list_settings.get(slug, {}))

    @classmethod
    def keep(cls, user: Any, slug: str, **values: Any) -> "ListSettings":
        with transaction.atomic():
            account = User.objects.select_for_update().get(pk=user.pk)
            kept = replace(cls.of(account, slug), **values)
            account.list_settings = {**account.list_settings, slug: asdict(kept)}
            account.save(update_fields=["list_settings"])
        user.list_settings = account.list_settings
        return kept


def _seen_lists(user: Any) -> list[str]:
    return [slug for slug, resource in resources.everything().items() if access.may(user, "view", resource.model)]


def own_and_shared(user: Any, queryset: models.QuerySet[Any], action: str) -> models.QuerySet[Any]:
    """Scope: one's own views, and the shared ones of lists that one may see. Those of others are changed only by who
    may keep shared views in order."""
    others = models.Q(is_shared=True, list__in=_seen_lists(user))
    if action != "view" and not user.has_perm(KEEP_SHARED):
        return queryset.filter(user=user)
    return queryset.filter(models.Q(user=user) | others) if user.pk else queryset


access.register(SavedView, own_and_shared)
