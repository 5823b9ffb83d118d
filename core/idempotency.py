"""Answers that are kept for a while, so that a request that is repeated has one effect (`core.api.idempotency`)."""

import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class KeptAnswer(models.Model):
    """What a user's request with an Idempotency-Key was, and what was answered to it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    method = models.CharField(max_length=10)
    path = models.TextField()
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], name="kept_answer_once", violation_error_message="This key is taken."
            )
        ]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def current(cls, user: Any, key: str) -> "KeptAnswer | None":
        """The answer under this key; one that has expired is removed, so that the key is free."""
        found = cls.objects.filter(user=user, key=key).first()
        if found is not None and found.created_at < _oldest():
            found.delete()
            return None
        return found

    @classmethod
    def clear_expired(cls) -> None:
        cls.objects.filter(created_at__lt=_oldest()).delete()


def _oldest() -> datetime.datetime:
    return timezone.now() - datetime.timedelta(hours=settings.IDEMPOTENCY_HOURS)
