"""What search keeps beside the datasets: the words there are, for mending typos, and the searches that found nothing."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class SearchWord(models.Model):
    """A distinct word of the catalog, in how many datasets it stands, and the hashes of it with one letter left out."""

    word = models.CharField(max_length=100, unique=True)
    n_datasets = models.PositiveIntegerField(default=0)
    deletions = ArrayField(models.IntegerField(), default=list)

    class Meta:
        indexes = [GinIndex(fields=["deletions"], name="searchword_deletions")]

    def __str__(self) -> str:
        return self.word


class SearchMiss(models.Model):
    """A search that found nothing: a gap in the catalog that somebody felt."""

    query = models.CharField(max_length=200, unique=True)
    n_times = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["-n_times"]

    def __str__(self) -> str:
        return self.query
