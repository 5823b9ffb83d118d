"""Sessions of the staff site, listed and ended by their owners (`SESSION_ENGINE`).

The table holds a digest of each key: who reads it, or a backup, cannot take a session over.
"""

import datetime
import hashlib
import logging
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.db import OperationalError, models, transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from core import browsers
from core.addresses import client_address
from core.signins import SignIn, record

logger = logging.getLogger(__name__)

BEGUN = "begun_at"  # in the session's own data, so that it survives a change of the key
SEEN_EVERY = datetime.timedelta(minutes=5)  # "last seen" is that exact, for at most one write in that time


def digest(key: str) -> str:
    """SHA-256 is enough: a key has 165 random bits."""
    return hashlib.sha256(key.encode()).hexdigest()


class Session(AbstractBaseSession):
    """A session, and where it is used. `user` is empty as long as nobody has signed in."""

    session_key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions", null=True)
    begun_at = models.DateTimeField(_("begun"), default=timezone.now)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    address = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=browsers.LONGEST, blank=True)

    class Meta(AbstractBaseSession.Meta):
        default_permissions = ()

    def __str__(self) -> str:
        return browsers.in_words(self.user_agent)

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        return SessionStore

    @classmethod
    def of(cls, user: Any) -> models.QuerySet["Session"]:
        """Those that a user is signed in with, the last used first."""
        return cls.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-seen_at")


@transaction.atomic
def end(sessions: models.QuerySet[Session]) -> int:
    """Ends them with the next request of each, and answers how many there were."""
    ended = list(sessions.select_related("user"))
    for session in ended:
        record(SignIn.Kind.ENDED, session.user, address=session.address, user_agent=session.user_agent)
        session.delete()
    return len(ended)


@dataclass(frozen=True)
class Client:
    """Who uses a session in this request."""

    address: str | None = None
    user_agent: str = ""


class SessionStore(db.SessionStore):
    """Django's, except that rows are found by the digest of the key and tell whose they are."""

    client = Client()
    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        kept = Session.objects.filter(pk=digest(self.session_key or ""), expire_date__gt=timezone.now())
        self.row = kept.first()
        if self.row is None:
            self._session_key = None
        return self.row

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(pk=digest(session_key)).exists()

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            Session.objects.filter(pk=digest(key)).delete()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        return Session(
            session_key=digest(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=data.get(SESSION_KEY),
            begun_at=parse_datetime(data.get(BEGUN, "")) or timezone.now(),
            address=self.client.address,
            user_agent=self.client.user_agent,
        )

    _aget_session_from_db: Any = sync_to_async(_get_session_from_db)
    aexists: Any = sync_to_async(exists)
    adelete: Any = sync_to_async(delete)
    acreate_model_instance: Any = sync_to_async(create_model_instance)

    def note_use(self) -> None:
        """Keeps "last seen" and the address up to date, without writing at every request."""
        row, now = self.row, timezone.now()
        if row is None or row.user_id is None:
            return
        if row.seen_at > now - SEEN_EVERY and row.address == self.client.address:
            return
        try:
            Session.objects.filter(pk=row.pk).update(
                seen_at=now, address=self.client.address, user_agent=self.client.user_agent
            )
        except OperationalError:  # the page is ready; it must not fail because somebody else writes for long
            logger.warning("The use of a session could not be noted", exc_info=True)


class SessionMiddleware(DjangoSessionMiddleware):
    """Tells each session who uses it."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        session: Any = request.session
        session.client = Client(client_address(request), browsers.user_agent(request))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        session: Any = request.session
        session.note_use()
        return response


@receiver(user_logged_in, dispatch_uid="liaison-session-begun")
def begin(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    request.session[BEGUN] = timezone.now().isoformat()
