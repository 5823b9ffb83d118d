"""Texts of Django's admin and the names of our roles, listed so that our catalogues can word them in our own terms.

Nothing imports this at run time; the extractor reads it.
"""

from django.utils.translation import gettext_noop

ADMIN = (
    gettext_noop("Add %s"),
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop("Select %s"),
    gettext_noop("Select %s to change"),
    gettext_noop("Select %s to view"),
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("You may edit it again below."),
    gettext_noop("Please correct the error below."),
    gettext_noop("Please correct the errors below."),
)
ROLES = (
    gettext_noop("Director"),
    gettext_noop("Officer"),
    gettext_noop("Event manager"),
    gettext_noop("Contract manager"),
    gettext_noop("Auditor"),
    gettext_noop("Integration"),
)
AUDITLOG = (
    gettext_noop("log entry"),
    gettext_noop("log entries"),
    gettext_noop("remote address"),
)
