"""The models of `core`, each in the file of its subject."""

from core.accounts import User
from core.calendar_feed import CalendarFeed
from core.exports_log import ExportLog
from core.idempotency import KeptAnswer
from core.imports.models import Import, ImportedRecord, ImportMapping
from core.merges import Merge
from core.saved_views import SavedView
from core.sessions import Session
from core.signins import SignIn
from core.tokens import ApiToken
from core.worker import WorkerBeat

__all__ = [
    "ApiToken",
    "CalendarFeed",
    "ExportLog",
    "Import",
    "ImportMapping",
    "ImportedRecord",
    "KeptAnswer",
    "Merge",
    "SavedView",
    "Session",
    "SignIn",
    "User",
    "WorkerBeat",
]
