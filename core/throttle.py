"""Slows down guessing of passwords and tokens: per account and address, per account, per address.

django-axes counts failures in the database, so that all processes and servers agree; here is what it counts as one
party, how many it allows, what is answered, and how a lock is lifted. A lock ends by itself, AXES_COOLOFF_TIME after
the last failure that counted, and tries during a lock do not count.
"""

import datetime
import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.db.models import F, Model, Q
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext

from core.accounts import User
from core.addresses import network, party
from core.signins import SignIn, record_request

# How many failures are allowed before a lock. One address alone cannot lock an account for others: its tries stop
# counting at the first limit, far from the second.
PER_ACCOUNT_AND_ADDRESS = 10
PER_ACCOUNT = 30
PER_ADDRESS = 50
TOKENS_PER_ADDRESS = 20
KNOWN_FOR = datetime.timedelta(days=30)

TOKEN = "(API token)"  # noqa: S105  no account can have this name
Failure = tuple[datetime.datetime, int]  # the last time, and how many


@dataclass(frozen=True)
class Lock:
    """What is locked until when. Empty `account`: every account from that address; empty `address`: from anywhere."""

    account: str
    address: str
    until: datetime.datetime


def counted_name(request: Any, credentials: dict[str, Any] | None) -> str:
    """Under which name a failure is counted. Of a name that no account has only a digest is kept: it may be a
    password, typed into the wrong field."""
    typed = str((credentials or {}).get("username") or "")
    if User.objects.filter(username=typed).exists():
        return typed
    return f"?{hashlib.sha256(f'{settings.SECRET_KEY}{typed}'.encode()).hexdigest()[:32]}"


def _recent(condition: Q) -> Iterable[tuple[str, str, datetime.datetime, int]]:
    counted = AccessAttempt.objects.filter(condition, attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME)
    return counted.values_list("username", "ip_address", "attempt_time", "failures_since_start")


def _until(failures: Iterable[Failure], limit: int) -> datetime.datetime | None:
    """When so many failures will have expired that fewer than `limit` remain; None if there are fewer now."""
    until, remaining = None, sum(count for _at, count in failures)
    for at, count in sorted(failures):
        if remaining < limit:
            break
        until, remaining = at + settings.AXES_COOLOFF_TIME, remaining - count
    return until


def _locks(failures: Iterable[tuple[str, str, datetime.datetime, int]]) -> list[Lock]:
    """What these failures lock, narrow locks first."""
    parties: dict[tuple[str, str], list[Failure]] = defaultdict(list)
    for name, address, at, count in failures:
        wider = [] if name == TOKEN else [(name, ""), ("", address)]
        for whom in [(name, address), *wider]:
            parties[whom].append((at, count))
    found = ((whom, _until(counted, _limit(*whom))) for whom, counted in sorted(parties.items(), reverse=True))
    return [Lock(*whom, until) for whom, until in found if until]


def _limit(account: str, address: str) -> int:
    if account == TOKEN:
        return TOKENS_PER_ADDRESS
    if not account:
        return PER_ADDRESS
    return PER_ACCOUNT_AND_ADDRESS if address else PER_ACCOUNT


def locked_until(account: str, address: str) -> datetime.datetime | None:
    """Until when nobody may try this account from this address."""
    found = _locks(_recent(Q(username=account) | Q(ip_address=address)))
    touching = [lock for lock in found if lock.account in (account, "") and lock.address in (address, "")]
    if any(not lock.address for lock in touching) and _is_known(account, address):
        touching = [lock for lock in touching if lock.address]
    return max((lock.until for lock in touching), default=None)


def _is_known(account: str, address: str) -> bool:
    """Whether the account signed in from there lately. Its owner keeps working while others attack from elsewhere."""
    lately = SignIn.objects.filter(
        user__username=account, kind=SignIn.Kind.SIGNED_IN, at__gt=timezone.now() - KNOWN_FOR
    ).order_by()
    return address in {network(known) for known in lately.values_list("address", flat=True).distinct()}


def current_locks() -> list[Lock]:
    """All that is locked now, for those who may lift it. Names that no account has are left out."""
    return [lock for lock in _locks(_recent(Q())) if not lock.account.startswith("?")]


def is_locked(account: str) -> bool:
    """Whether the account is locked, from anywhere or from some address."""
    return bool(_locks(_recent(Q(username=account))))


def lift(account: str = "", address: str = "") -> int:
    """Forgets the failures of an account, of an address, or of one from the other. Answers how many sources there
    were."""
    if not account and not address:
        return 0
    counted = AccessAttempt.objects.all()
    if account:
        counted = counted.filter(username=account)
    if address:
        counted = counted.filter(ip_address=network(address))
    return counted.delete()[0]


class Handler(AxesDatabaseHandler):
    """Counts for django-axes by our limits, and writes failures into the log of sign-ins."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        # AXES_FAILURE_LIMIT is 1: to django-axes there is either a lock or none.
        return int(locked_until(counted_name(request, credentials), request.axes_ip_address) is not None)

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
        refused = getattr(request, "axes_locked_out", False)
        super().user_login_failed(sender, credentials, request, **kwargs)
        name = counted_name(request, credentials)
        if refused or request is None:
            return  # one more row for each try during a lock would let an attacker fill the log
        user = User.objects.filter(username=name).first()
        record_request(SignIn.Kind.FAILED, user, request)
        if request.axes_locked_out:
            record_request(SignIn.Kind.LOCKED, user, request)

    def reset_user_attempts(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """A right password forgives this account's failures from there. Those of others stay: an account of one's own
        must not be a way to go on guessing."""
        return lift(counted_name(request, credentials), request.axes_ip_address)


@receiver(pre_save, sender=AccessAttempt, dispatch_uid="liaison-nothing-typed-is-kept")
def keep_nothing_typed(sender: type[Model], instance: AccessAttempt, **kwargs: Any) -> None:
    instance.get_data = instance.post_data = ""


# -- answers ----------------------------------------------------------------------------------------------------------


def seconds_until(moment: datetime.datetime) -> int:
    return max(1, math.ceil((moment - timezone.now()).total_seconds()))


def locked_text(until: datetime.datetime) -> str:
    minutes = math.ceil(seconds_until(until) / 60)
    return ngettext(
        "Too many failed attempts. Try again in %(minutes)d minute.",
        "Too many failed attempts. Try again in %(minutes)d minutes.",
        minutes,
    ) % {"minutes": minutes}


def locked_response(
    request: Any, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """What a browser gets during a lock. It is the same whether or not there is such an account."""
    until = locked_until(counted_name(request, credentials), party(request)) or timezone.now()
    page = render(request, "admin/locked_out.html", {"text": locked_text(until)}, status=429)
    page["Retry-After"], page["Cache-Control"] = str(seconds_until(until)), "no-store"
    return page


# -- tokens -----------------------------------------------------------------------------------------------------------


def tokens_locked_until(address: str) -> datetime.datetime | None:
    """Until when no token is accepted from an address (see `addresses.party`) that it was not used from before."""
    found = _locks(_recent(Q(username=TOKEN, ip_address=address)))
    return found[0].until if found else None


@transaction.atomic
def count_wrong_token(address: str) -> None:
    key = {"username": TOKEN, "ip_address": address, "user_agent": ""}
    counted, now = AccessAttempt.objects.filter(**key), timezone.now()
    counted.filter(attempt_time__lte=now - settings.AXES_COOLOFF_TIME).delete()
    AccessAttempt.objects.get_or_create(**key, defaults={"failures_since_start": 0})
    counted.update(failures_since_start=F("failures_since_start") + 1, attempt_time=now)
