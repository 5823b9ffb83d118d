"""Is the process alive, and is the service ready? For supervisors and balancers: no login, nothing confidential."""

import logging

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.worker import WorkerBeat

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing else: a database that is away is no reason to restart it."""
    return HttpResponse("ok\n", content_type="text/plain")


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


CHECKS = {"database": _database, "migrations": _migrations, "worker": WorkerBeat.alive}


def results() -> dict[str, bool]:
    """Each check by name. After a database error the rest is not asked: each would wait for its own timeout."""
    found = dict.fromkeys(CHECKS, False)
    for name, check in CHECKS.items():
        try:
            found[name] = check()
        except DatabaseError:
            logger.exception("Readiness: the check of %s failed", name)
            break
    return found


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether requests can be served: 200, or 503 with what is missing."""
    found = results()
    ready = all(found.values())
    checks = {name: "ok" if passed else "failed" for name, passed in found.items()}
    body = {"status": "ready" if ready else "not ready", "checks": checks}
    response = JsonResponse(body, status=200 if ready else 503)
    # Django logs every 5xx answer as an error; this one is asked for every few seconds, and says itself what is wrong.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
