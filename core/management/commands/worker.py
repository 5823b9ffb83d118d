"""The background worker: runs queued tasks and says every few seconds that it is alive (see /readyz)."""

import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from core.imports.running import recognise_dead
from core.tasks import schedule_clearing
from core.worker import keep_beating


def _leave(signum: int, frame: FrameType | None) -> None:
    sys.exit(0)


class Command(BaseCommand):
    help = "Run the background worker until SIGTERM or Ctrl-C; a task that is running is finished first."

    def handle(self, *args: Any, **options: Any) -> None:
        # From here on; once the task loop runs it installs its own handlers, which know whether a task is running.
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, _leave)
        name = f"{socket.gethostname()[:40]}-{os.getpid()}"
        stop = threading.Event()
        heart = threading.Thread(target=keep_beating, args=(name, stop), name="heartbeat", daemon=True)
        heart.start()
        try:
            schedule_clearing()
            recognise_dead()
            call_command("db_worker", queue_name="*", worker_id=name, reload=False, startup_delay=False)
        finally:
            stop.set()
            heart.join(timeout=1)
