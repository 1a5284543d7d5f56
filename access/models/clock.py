"""The furthest moment this portal has seen. A clock set back behind it opens nothing."""

from django.db import models


class ClockMark(models.Model):
    """The single row that holds the high-water mark of the database clock."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_clock")]

    def __str__(self) -> str:
        return f"clock seen at {self.at}"
