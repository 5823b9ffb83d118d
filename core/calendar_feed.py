"""The personal calendar as a file that other programs subscribe to (RFC 5545), under an address that is a secret.

As of API tokens, only a digest of the secret is stored, wrong ones are throttled, and it opens nothing but what its
owner may see at the moment.
"""

import datetime
import re
import secrets
import zoneinfo
from typing import Any

import icalendar
from django.conf import settings
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core import access, calendars, throttle
from core.addresses import client_address, network, party
from core.calendars import DAY, MINE, Asked, Entry
from core.records import Checked
from core.tokens import digest

MARK = "lsc_"
SHAPE = re.compile(rf"{MARK}[\w-]{{43}}", re.ASCII)
# How far a file reaches back and ahead.
BEFORE, AFTER = 90 * DAY, 400 * DAY
USE_NOTED_EVERY = datetime.timedelta(minutes=1)


class CalendarFeed(Checked):
    """The address under which a user's calendar is subscribed to. A new one puts an end to the one before."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=gettext_lazy("user"), related_name="calendar_feed"
    )
    prefix = models.CharField(gettext_lazy("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(gettext_lazy("created at"), default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(gettext_lazy("last used at"), null=True, blank=True, editable=False)
    last_used_address = models.GenericIPAddressField(
        gettext_lazy("last used from"), null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = gettext_lazy("calendar feed")
        verbose_name_plural = gettext_lazy("calendar feeds")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user} ({self.prefix}…)"

    @classmethod
    @transaction.atomic
    def renew(cls, user: Any) -> str:
        """Stores a new address in place of the user's last one. Answers its secret, which cannot be had again."""
        cls.revoke(user)
        secret = MARK + secrets.token_urlsafe(32)
        feed = cls(user=user, prefix=secret[:10], digest=digest(secret))
        feed.full_clean()
        feed.save()
        return secret

    @classmethod
    def revoke(cls, user: Any) -> None:
        """From now on the address of this user answers nothing."""
        for feed in cls.objects.filter(user=user):
            feed.delete()

    def note_use(self, address: str | None) -> None:
        """At most one write a minute."""
        now = timezone.now()
        recent = {"last_used_at__gte": now - USE_NOTED_EVERY, "last_used_address": address}
        same = CalendarFeed.objects.filter(pk=self.pk).exclude(**recent)
        same.update(last_used_at=now, last_used_address=address)


def own_feed(user: Any, queryset: models.QuerySet[Any], action: str) -> models.QuerySet[Any]:
    """Nobody sees or makes the address of somebody else."""
    return queryset.filter(user=user)


access.register(CalendarFeed, own_feed)


@require_safe
def feed_view(request: HttpRequest, secret: str) -> HttpResponse:
    """The owner's items. A wrong secret, a revoked one, and one whose owner may see nothing are answered the same."""
    found = CalendarFeed.objects.select_related("user").filter(digest=digest(secret)).first()
    address = party(request)
    is_known = found is not None and network(found.last_used_address) == address
    if not is_known and (until := throttle.tokens_locked_until(address)):
        return _locked(until)
    if found is None:
        throttle.count_wrong_token(address)
    if found is None or not (found.user.is_active and found.user.is_staff):
        raise Http404
    sources = calendars.sources_for(found.user)
    if not sources:
        raise Http404
    found.note_use(client_address(request))
    return _answer(found.user, sources)


def _locked(until: datetime.datetime) -> HttpResponse:
    answer = HttpResponse(throttle.locked_text(until), status=429, content_type="text/plain; charset=utf-8")
    answer["Retry-After"], answer["Cache-Control"] = str(throttle.seconds_until(until)), "no-store"
    return answer


def _answer(user: Any, sources: list[calendars.Source]) -> HttpResponse:
    with timezone.override(zoneinfo.ZoneInfo(user.time_zone)), translation.override(user.language):
        today = timezone.localdate()
        entries = calendars.read(Asked(user, today - BEFORE, today + AFTER, MINE), sources)
        body = as_file(entries, str(user))
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, max-age=300"
    answer["Content-Disposition"] = 'inline; filename="liaison.ics"'
    answer["Referrer-Policy"], answer["X-Robots-Tag"] = "no-referrer", "noindex"
    return answer


def as_file(entries: list[Entry], owner: str) -> bytes:
    """An iCalendar file (RFC 5545): UTF-8, folded lines ending in CRLF, each time zone that is used described in it."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Liaison//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", _("Liaison – %(user)s") % {"user": owner})
    calendar.add("refresh-interval", datetime.timedelta(hours=1), parameters={"value": "DURATION"})
    for entry in entries:
        calendar.add_component(_component(entry))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _component(entry: Entry) -> icalendar.Event:
    event = icalendar.Event()
    record = entry.record
    event.add("uid", entry.uid)
    # Without METHOD this is when the information was last revised (RFC 5545, 3.8.7.2).
    event.add("dtstamp", record.updated_at.astimezone(datetime.UTC))
    event.add("last-modified", record.updated_at.astimezone(datetime.UTC))
    event.add("sequence", record.version - 1)
    event.add("summary", entry.title)
    event.add("status", _status(entry))
    if entry.starts:
        zone = zoneinfo.ZoneInfo(entry.zone) if entry.zone else datetime.UTC
        event.add("dtstart", entry.starts.astimezone(zone))
        if entry.ends:
            event.add("dtend", entry.ends.astimezone(zone))
    else:
        event.add("dtstart", entry.first)
        event.add("dtend", entry.last + DAY)  # the day after the last one
        event.add("transp", "TRANSPARENT")
    for name, text in (("location", entry.place), ("description", entry.about)):
        if text:
            event.add(name, text)
    return event


def _status(entry: Entry) -> str:
    if entry.is_cancelled:
        return "CANCELLED"
    return "TENTATIVE" if entry.is_tentative else "CONFIRMED"
