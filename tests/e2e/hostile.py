"""Fills a site with payloads: `python -m tests.e2e.hostile` stores them through the API and the forms, says where.

Run in the environment of the site whose data it is. What it prints is JSON: the records of each resource, and the
password of `root`, who sees everything.
"""

import datetime
import json
import secrets

import django

django.setup()

from django.core.exceptions import ValidationError  # noqa: E402  Django has to be set up first
from django.core.files.base import ContentFile  # noqa: E402
from django.db import transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from core.admin.links import change_url  # noqa: E402
from core.tokens import ApiToken  # noqa: E402
from tests.factories import UserFactory  # noqa: E402
from tests.payloads import FILE_NAMES, PAYLOADS, packs  # noqa: E402
from tests.test_bad_input import WITH_FORM, WRITABLE  # noqa: E402
from tests.test_payloads import store, text_fields  # noqa: E402
from tests.ways import ApiChange, Form  # noqa: E402

ROUNDS = len(packs(255))


def written(fields, number):
    """A text for each field. Within the rounds, long fields hold all payloads and short ones a part of them."""
    return {path: texts[(number + 8 * at) % len(texts)] for at, (path, texts) in enumerate(fields.items())}


def through_the_api(client, slug):
    """A record whose history has every round, and one more for each round."""
    records, first = [], None
    for number in range(ROUNDS):
        sender = ApiChange(client, slug)
        fields = text_fields(sender)
        change(sender, written(fields, number))
        records.append(sender.record)
        first = first or sender
        if number:
            change(first, written(fields, number))
    return records


def change(sender, values):
    answer = sender.send(values)
    if not answer.stored:
        answer = sender.send({path: text for path, text in values.items() if path not in answer.fields})
    assert answer.stored, (sender.slug, answer)


def through_the_forms(client, slug):
    form = Form(client, slug)
    fields, made = text_fields(form), []
    for number in range(ROUNDS):
        form.data["code"] = f"hostile-{number}"
        made.append(store(form, written(fields, number))[0])
    return made


def link(records, root):
    """Hostile records of one round belong together, so that panels, choices and the start page show them."""
    by_model = {type(found[0]): found for found in records.values()}
    mine = {"owner": root, "next_step_on": timezone.localdate() - datetime.timedelta(days=1)}
    for model, found in by_model.items():
        for number, made in enumerate(found):
            record = model.objects.get(pk=made.pk)
            for field in model._meta.fields:
                if field.is_relation and field.editable and field.related_model in by_model:
                    adopt(record, field, by_model[field.related_model][number])
            for name in {*mine} & {field.name for field in model._meta.fields}:
                model.objects.filter(pk=record.pk).update(**{name: mine[name]})


def adopt(record, field, other):
    before = getattr(record, field.name)
    try:
        with transaction.atomic():
            setattr(record, field.name, other)
            record.full_clean()
            record.save()
    except ValidationError:
        setattr(record, field.name, before)


def upload(contracts):
    for contract, name in zip(contracts, FILE_NAMES[-len(contracts) :], strict=True):
        contract.refresh_from_db()
        contract.file.save(f"{name}.pdf", ContentFile(b"%PDF-1.7"))


def main():
    password = secrets.token_urlsafe(12)
    root = UserFactory(username="root", password=password, is_superuser=True, full_name=packs(150)[0])
    client = Client()
    client.force_login(root)
    records = {}
    for slug in WITH_FORM:
        records[slug] = through_the_api(client, slug) if slug in WRITABLE else through_the_forms(client, slug)
    link(records, root)
    upload(records["contracts"])
    for number, text in enumerate(packs(150)):
        UserFactory(username=f"user-{number}-{secrets.token_hex(3)}", full_name=text)
    for text in PAYLOADS[:8]:
        ApiToken.issue(root, text)
    paths = {slug: [change_url(record) for record in found] for slug, found in records.items()}
    print(json.dumps({"password": password, "records": paths}))  # noqa: T201


if __name__ == "__main__":
    setup_test_environment()  # the forms are read from what the pages were made of
    with transaction.atomic():
        main()
