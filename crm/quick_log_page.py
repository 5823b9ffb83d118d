"""The little form for a call or meeting on a record's timeline, and the address that it is sent to."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.admin.links import add_url, record_url
from core.admin.reading import RecordReading
from crm.models import Interaction, Lead, LiaisonStation, Person
from crm.quick_log import log_talk
from crm.stations import own_stations

LOCAL = "%Y-%m-%dT%H:%M"


class QuickLogForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=Interaction.Kind.choices, initial=Interaction.Kind.CALL
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=255)
    starts_at = forms.DateTimeField(
        label=gettext_lazy("When"), widget=forms.DateTimeInput({"type": "datetime-local"}, format=LOCAL)
    )
    minutes = forms.CharField(
        label=gettext_lazy("Note"), required=False, widget=forms.Textarea({"rows": 3}), strip=False
    )
    station = forms.ModelChoiceField(LiaisonStation.objects.none(), label=gettext_lazy("Station"))

    def __init__(self, data: Any, *, stations: Any, station: Any) -> None:
        super().__init__(data, auto_id="log_%s")
        field: Any = self.fields["station"]
        field.queryset, field.initial = stations, station
        if not field.queryset.exclude(pk=station.pk if station else None).exists():
            field.widget = forms.HiddenInput()  # there is nothing to choose
        self.fields["starts_at"].initial = timezone.localtime().strftime(LOCAL)


def _station(user: Any, record: Any, stations: Any) -> Any:
    """That of the lead if the user may file there, else the user's own."""
    own = stations.filter(pk=record.station_id).first() if isinstance(record, Lead) else None
    return own or LiaisonStation.objects.active().of(user).first() or stations.first()


def _full_form(record: Any) -> dict[str, Any]:
    """What the form with all fields begins with."""
    if isinstance(record, Lead):
        people = {"people": record.contact_id} if record.contact_id else {}
        return {"lead": record.pk, "organizations": record.organization_id, "station": record.station_id, **people}
    return {"people" if isinstance(record, Person) else "organizations": record.pk}


class LogsTalks(RecordReading):
    """Pages on whose timeline calls and meetings are written down."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.log_view)
        return [path("<int:pk>/log/", view, name=self._page("log").split(":")[1]), *super().get_urls()]

    def read_context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        context = super().read_context(request, record)
        if self._may_log(request, record):
            context["log_form"] = self._log_form(request, record)
            context["log_url"] = reverse(self._page("log"), args=[record.pk])
            context["full_log_url"] = add_url(Interaction, **_full_form(record))
        return context

    def _may_log(self, request: HttpRequest, record: Any) -> bool:
        may = access.may(request.user, "add", Interaction) and not record.is_archived
        return may and own_stations(request.user).exists()

    def _log_form(self, request: HttpRequest, record: Any, data: Any = None) -> QuickLogForm:
        stations = own_stations(request.user)
        return QuickLogForm(data, stations=stations, station=_station(request.user, record, stations))

    def log_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Writes the talk down, or shows the page again with what is wrong at its field."""
        record = self._reach(request, pk, "view")
        if not self._may_log(request, record):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(f"{record_url(record)}#quick-log")
        form = self._log_form(request, record, request.POST)
        done = _("The talk is written down.")
        if self._carry_out(request, form, record, lambda: log_talk(record, by=request.user, **form.cleaned_data), done):
            return HttpResponseRedirect(f"{record_url(record)}#timeline")
        return self.read_page(request, record, log_form=form, title=_("Error:") + f" {record}")
