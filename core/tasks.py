"""Work that runs in the background, in the worker (`manage.py worker`)."""

import datetime
from importlib import import_module

from axes.models import AccessAttempt
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from core import search_index
from core.idempotency import KeptAnswer
from core.imports.uploads import clear_old_files
from core.signins import SignIn

A_DAY = datetime.timedelta(days=1)
SIGN_IN_DAYS = 200  # China's Cybersecurity Law asks for at least six months
RESULT_DAYS = 14


@task()
def clear_expired() -> None:
    """Removes what has run out: uploads, sessions, kept answers, sign-ins, results of tasks; then the database looks at
    what is left, and its search indexes are put in order. Comes again tomorrow."""
    try:
        clear_old_files()
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
        KeptAnswer.clear_expired()
        AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - settings.AXES_COOLOFF_TIME).delete()
        SignIn.objects.filter(at__lt=timezone.now() - SIGN_IN_DAYS * A_DAY).delete()
        call_command("prune_db_task_results", queue_name="*", min_age_days=RESULT_DAYS, verbosity=0)
        refresh_statistics()
        for model in search_index.indexed_models():
            search_index.tidy(model, connection)
    finally:
        schedule_clearing(after=A_DAY)


def refresh_statistics() -> None:
    """SQLite chooses indexes by what it knows of their contents, and learns of it when asked; PostgreSQL by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 1000")  # entries looked at in each index: a moment for any size
            cursor.execute("ANALYZE")


def schedule_clearing(after: datetime.timedelta = datetime.timedelta()) -> None:
    """Makes sure that one clearing is waiting, however many workers start and however often."""
    waiting = DBTaskResult.objects.filter(task_path=clear_expired.module_path, status=TaskResultStatus.READY)
    if not waiting.exists():
        clear_expired.using(run_after=timezone.now() + after).enqueue()
