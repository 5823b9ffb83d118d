"""The sign of life of the task worker, read by /readyz."""

import datetime
import logging
import threading

from django.db import DatabaseError, close_old_connections, models
from django.utils import timezone

logger = logging.getLogger(__name__)

BEAT = datetime.timedelta(seconds=10)
SILENT_AFTER = 6 * BEAT


class WorkerBeat(models.Model):
    """When each worker process last said that it is alive."""

    worker = models.CharField(max_length=64, unique=True)
    beat_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.worker

    @classmethod
    def beat(cls, worker: str) -> None:
        now = timezone.now()
        cls.objects.update_or_create(worker=worker, defaults={"beat_at": now})
        cls.objects.filter(beat_at__lt=now - datetime.timedelta(days=1)).delete()

    @classmethod
    def alive(cls) -> bool:
        return cls.objects.filter(beat_at__gt=timezone.now() - SILENT_AFTER).exists()


def keep_beating(worker: str, stop: threading.Event) -> None:
    """Beats until `stop` is set, in a thread beside the worker's own loop: a long task must not look like death."""
    while not stop.is_set():
        close_old_connections()
        try:
            WorkerBeat.beat(worker)
        except DatabaseError:  # a database that is away for a minute must not silence the worker for good
            logger.exception("The sign of life could not be written")
        stop.wait(BEAT.total_seconds())
    close_old_connections()
