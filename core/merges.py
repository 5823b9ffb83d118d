"""Records of which two can become one, and the log of it. What merging does is in `core.merging`."""

from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar, Self, cast

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connections, models, router
from django.db.models import Q
from django.db.models.expressions import Col
from django.db.models.lookups import IsNull
from django.db.models.signals import m2m_changed, post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.arms import leaves, with_condition
from core.records import Checked, Record, RecordQuerySet, StaleRecord, mostly_empty

IS_MERGED = _("This record was merged into %(record)s. Work with that one, or undo the merge first.")


class MergeableQuerySet(RecordQuerySet):
    def active(self) -> Self:
        """What was merged is archived (`merged_is_archived`), so one condition is enough, and an index of current
        records answers it without a look at them."""
        found = super().active()
        merged = next((leaf for leaf in leaves(found) if _is_of_merged(leaf)), None)
        return found if merged is None else cast("Self", with_condition(found, merged))


def _is_of_merged(leaf: Any) -> bool:
    column = getattr(leaf, "lhs", None)
    return (
        isinstance(leaf, IsNull)
        and leaf.rhs is True
        and isinstance(column, Col)
        and column.target.name == "merged_into"
    )


_Records: Any = type(MergeableQuerySet.as_manager())


class UnmergedManager(_Records):
    """Without the records that were merged into others: lists, choices, searches and counts know them no more.
    Relations and addresses that still point at one find it through the base manager (`with_merged`)."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(mostly_empty("merged_into_id"))


def merged_index(name: str) -> models.Index:
    """Finds what was merged into a record; not worth an entry for all others."""
    return models.Index(fields=["merged_into"], name=name, condition=Q(merged_into__isnull=False))


def merged_is_archived(name: str) -> models.CheckConstraint:
    """So that whatever asks for current records alone finds none that was merged."""
    return models.CheckConstraint(
        condition=Q(merged_into__isnull=True) | Q(archived_at__isnull=False),
        name=name,
        violation_error_message=_("A record that was merged into another one is archived."),
    )


class Mergeable(Record):
    """A business record that can be merged into another one of its kind. All staff share such records."""

    # Always the one that is left in the end: when that one is merged in turn, this follows it.
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("merged into"),
        related_name="absorbed",
        null=True,
        blank=True,
        editable=False,
        db_index=False,
    )

    objects: ClassVar[Any] = UnmergedManager()

    class Meta(Record.Meta):
        abstract = True

    @property
    def is_merged(self) -> bool:
        return self.merged_into is not None

    def clean(self) -> None:
        super().clean()
        self._refuse_merged()

    def archive(self, reason: str) -> None:
        self._refuse_merged()
        super().archive(reason)

    def restore(self) -> None:
        self._refuse_merged()
        super().restore()

    def _refuse_merged(self) -> None:
        if self.merged_into is not None:
            raise ValidationError(IS_MERGED, "merged", {"record": numbered(self.merged_into)})


def with_merged(model: Any) -> models.QuerySet[Any]:
    """All records of a model, those that were merged into others, too."""
    if issubclass(model, Mergeable):
        return model._base_manager.all()
    found: models.QuerySet[Any] = model._default_manager.all()
    return found


def numbered(record: Any) -> str:
    """`O-000012 NEC`."""
    return f"{record.reference} {record}"


class Merge(Checked):
    """Two records were made one. Holds what it takes to undo it."""

    kind = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    kept = models.PositiveBigIntegerField()
    merged = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(_("merged at"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("merged by"), related_name="+", null=True
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("undone by"), related_name="+", null=True
    )
    kept_before = models.JSONField(default=dict)  # by field, where the merge changed it
    kept_after = models.JSONField(default=dict)
    merged_before = models.JSONField(default=dict)
    moved = models.JSONField(default=dict)  # by relation (`crm.Lead.organization`): the ids of the rows
    doubles = models.JSONField(default=dict)  # by relation: what the kept record had already (`core.merge_moves`)
    added = models.JSONField(default=list)  # [model, id] of the names that were noted

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ("-pk",)
        default_permissions = ()
        indexes = [
            models.Index(fields=["kind", "kept"], name="merge_kept"),
            models.Index(fields=["kind", "merged"], name="merge_merged"),
        ]

    def __str__(self) -> str:
        return f"{self.merged} → {self.kept}"

    @classmethod
    def into(cls, record: Any) -> models.QuerySet["Merge"]:
        """The merges into this record, newest first."""
        kind = ContentType.objects.get_for_model(record)
        return cls.objects.filter(kind=kind, kept=record.pk).select_related("created_by", "undone_by")

    @classmethod
    def standing(cls, kept: Any, merged_pk: int) -> "Merge | None":
        """The merge of this other record into the kept one, if it has not been undone."""
        return cls.into(kept).filter(merged=merged_pk, undone_at__isnull=True).first()

    @property
    def model(self) -> Any:
        return self.kind.model_class()

    def later(self) -> models.QuerySet["Merge"]:
        """Standing merges into the same record that came after this one."""
        same = Merge.objects.filter(kind=self.kind, kept=self.kept, undone_at__isnull=True)
        return same.filter(pk__gt=self.pk).order_by("pk")


def absorbed(record: Any) -> models.QuerySet[Any]:
    """The records that were merged into this one, also by way of others."""
    return with_merged(type(record)).filter(merged_into=record.pk)


# -- nothing is assigned to a record while it is being merged ----------------------------------------------------------

_SQL = "SELECT {pk} FROM {table} WHERE {pk} IN ({places}) AND merged_into_id IS NOT NULL"


def refuse_merged(model: Any, pks: Iterable[Any]) -> None:
    """Raises StaleRecord if one of these records was merged, even a moment ago: whoever is just now storing something
    that points at it would lose it. Until the end of the transaction, none of them can be."""
    wanted = list({pk for pk in pks if pk is not None})
    if not wanted:
        return
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    places = ", ".join(["%s"] * len(wanted))
    sql = _SQL.format(pk=quote(model._meta.pk.column), table=quote(model._meta.db_table), places=places)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # merging locks both records for itself, and this waits for its end
            _lock_for_others(cursor, quote(model._meta.db_table), quote(model._meta.pk.column), wanted)
        cursor.execute(sql, wanted)
        if row := cursor.fetchone():
            raise StaleRecord(model(pk=row[0]))


def _lock_for_others(cursor: Any, table: str, pk: str, wanted: list[Any]) -> None:
    cursor.execute(f"SELECT {pk} FROM {table} WHERE {pk} = ANY(%s) ORDER BY {pk} FOR KEY SHARE", [wanted])  # noqa: S608


@cache
def _keys(model: Any) -> tuple[Any, ...]:
    relations = (field for field in model._meta.concrete_fields if field.is_relation)
    return tuple(field for field in relations if issubclass(field.related_model, Mergeable))


def refuse_merged_in(rows: Iterable[Any]) -> None:
    """As `refuse_merged`, of all that these rows of one model, which were just stored, point at."""
    rows = [row for row in rows if getattr(row, "archived_at", None) is None]
    model: Any = type(rows[0]) if rows else Merge
    for target in {key.related_model for key in _keys(model)}:
        keys = [key for key in _keys(model) if key.related_model is target]
        refuse_merged(target, (getattr(row, key.attname) for row in rows for key in keys))


@receiver(post_save, dispatch_uid="liaison-assigned-to-merged")
def refuse_assigned(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    if not raw and isinstance(instance, Checked):
        refuse_merged_in([instance])


@receiver(m2m_changed, dispatch_uid="liaison-linked-to-merged")
def refuse_linked(
    sender: Any, instance: Any, action: str, reverse: bool, model: Any, pk_set: Any, **kwargs: Any
) -> None:
    if action != "post_add":
        return
    target, pks = (type(instance), [instance.pk]) if reverse else (model, pk_set)
    if issubclass(target, Mergeable):
        refuse_merged(target, pks or ())
