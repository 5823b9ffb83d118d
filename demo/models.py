"""What the demo remembers of itself."""

from django.db import models


class DemoRecord(models.Model):
    """Which record came from which entry of the data files: a later run recognises it, however it was edited since."""

    model = models.CharField(max_length=100)
    key = models.CharField(max_length=100)
    object_id = models.PositiveBigIntegerField()
    loaded_on = models.DateField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="demo_record_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"
