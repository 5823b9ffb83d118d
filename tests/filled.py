"""Records with everything on them, for tests that quantify over all models: every relation set, parts and links, and
records that point back. A new model joins by its factory; a relation that cannot be filled is named in LEFT_OUT."""

import datetime
from itertools import count

from auditlog.models import LogEntry
from django.contrib.auth.models import Group

from core.access import SYSTEM
from core.calendar_feed import CalendarFeed
from core.exports_log import ExportLog
from core.idempotency import KeptAnswer
from core.merges import Merge
from core.merging import merge
from core.records import Part
from core.sessions import Session as SignedInSession
from core.signins import SignIn
from core.stages import Change
from core.tokens import ApiToken
from crm.models import Interaction, Organization, Person
from events.models import Session
from projects.models import Batch, ContractParty
from tests import factories

number = count(1)


def _token(**fields):
    return ApiToken.issue(fields.pop("user", None) or factories.UserFactory(), f"token {next(number)}", **fields)[0]


def _log_entry():
    return LogEntry.objects.get_for_object(factories.OrganizationFactory()).get()


def _calendar_feed(**fields):
    user = fields.get("user") or factories.UserFactory()
    CalendarFeed.renew(user)
    return user.calendar_feed


def _merge():
    kept, other = factories.OrganizationFactory(), factories.OrganizationFactory()
    return merge(SYSTEM, Organization, kept.pk, other.pk)


OF_DJANGO_AND_LOGS = {
    Merge: _merge,
    CalendarFeed: _calendar_feed,
    ApiToken: _token,
    Group: lambda: Group.objects.create(name=f"Role {next(number)}"),
    ExportLog: lambda: ExportLog.objects.create(
        user_name="x", user=factories.UserFactory(), resource="leads", format="csv"
    ),
    LogEntry: _log_entry,
    KeptAnswer: lambda: KeptAnswer.objects.create(
        user=factories.UserFactory(), key="x", method="POST", path="/", digest="", status=201, body="{}"
    ),
    SignIn: lambda: SignIn.objects.create(kind="signed_in", user=factories.UserFactory(), user_name="x"),
    SignedInSession: lambda: SignedInSession.objects.create(
        session_key=f"{next(number):064}", expire_date=datetime.datetime(2199, 1, 1, tzinfo=datetime.UTC)
    ),
}
ALL_FACTORIES = [
    made for made in vars(factories).values() if isinstance(made, type) and issubclass(made, factories.Factory)
]
MODELS = {
    made._meta.model: made
    for made in reversed(ALL_FACTORIES)  # of several for one model the first counts
    if made._meta.model is not None
}
MAKE = {**MODELS, **OF_DJANGO_AND_LOGS}
NEEDS = {
    Session: {"kind": "unveiling"},
    Batch: {"session": lambda: factories.SessionFactory(kind="signing")},
    Interaction: {"starts_at": datetime.datetime(2024, 7, 2, 5, tzinfo=datetime.UTC)},  # a form has no fractions
}
LEFT_OUT = {
    (ContractParty, "person"),  # a party is either an organization or a person
    # A record that was merged is none of its own any more.
    (Organization, "merged_into"),
    (Person, "merged_into"),
}


def _empty_relations(model):
    for field in model._meta.fields:
        if field.is_relation and field.editable and field.null and (model, field.name) not in LEFT_OUT:
            yield field


def filled(model, **fields):
    """A new record with each of its own relations set, to a record that no other one is related to."""
    if model in OF_DJANGO_AND_LOGS:
        return MAKE[model](**fields)
    fields = {**needs(model), **fields}
    related = {
        field.name: MAKE[field.related_model]()
        for field in _empty_relations(model)
        if field.name not in fields and field.related_model in MODELS
    }
    return MODELS[model](**related, **fields)


def needs(model):
    """What a filled record of the model must be besides."""
    return {name: value() if callable(value) else value for name, value in NEEDS.get(model, {}).items()}


def surround(record, times=1):
    """Adds to a record `times` of each kind of link, part, history row and record that points to it."""
    _link(record, times)
    for relation in record._meta.related_objects:
        for _time in range(times):
            _point_at(record, relation)
    record.refresh_from_db()
    return record


def _link(record, times):
    for field in record._meta.many_to_many:
        if field.related_model in MODELS:
            getattr(record, field.name).add(*(MODELS[field.related_model]() for _time in range(times)))


def _point_at(record, relation):
    model, name = relation.related_model, relation.field.name
    if relation.hidden or (model, name) in LEFT_OUT:
        return
    if issubclass(model, Change):
        _history_row(model, record)
    elif model in MODELS and relation.many_to_many:
        getattr(MODELS[model](), name).add(record)
    elif model in MODELS:
        made = filled(model, **{name: record})
        if isinstance(made, Part):
            _link(made, 1)


def _history_row(model, record):
    related = {
        field.name: MODELS[field.related_model]() for field in _empty_relations(model) if field.related_model in MODELS
    }
    value = getattr(record, model.flow_field)
    model(record=record, from_value=value, to_value=value, **related).save()
