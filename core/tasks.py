"""Work that runs in the background, in the worker (`manage.py worker`)."""

import datetime
from importlib import import_module

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from core.idempotency import KeptAnswer

A_DAY = datetime.timedelta(days=1)
LOGIN_HISTORY_DAYS = 90
RESULT_DAYS = 14


@task()
def clear_expired() -> None:
    """Removes what has run out: sessions, kept answers, old login history, results of tasks. Comes again tomorrow."""
    try:
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
        KeptAnswer.clear_expired()
        AxesProxyHandler.reset_logs(age_days=LOGIN_HISTORY_DAYS)
        AxesProxyHandler.reset_failure_logs(age_days=LOGIN_HISTORY_DAYS)
        call_command("prune_db_task_results", queue_name="*", min_age_days=RESULT_DAYS, verbosity=0)
    finally:
        schedule_clearing(after=A_DAY)


def schedule_clearing(after: datetime.timedelta = datetime.timedelta()) -> None:
    """Makes sure that one clearing is waiting, however many workers start and however often."""
    waiting = DBTaskResult.objects.filter(task_path=clear_expired.module_path, status=TaskResultStatus.READY)
    if not waiting.exists():
        clear_expired.using(run_after=timezone.now() + after).enqueue()
