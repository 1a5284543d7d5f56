"""A warehouse is a system that holds tables, such as a DuckDB file or a Spark cluster. Its driver is an engine."""

from django.core.validators import RegexValidator
from django.db import models


class EngineKind(models.TextChoices):
    """The engines Gatehouse can describe and read."""

    DUCKDB = "duckdb", "DuckDB"
    POSTGRESQL = "postgresql", "PostgreSQL"
    SPARK = "spark", "Spark"
    TRINO = "trino", "Trino"

    @property
    def dialect(self) -> str:
        """The name sqlglot, and so the guard, has for this engine's SQL."""
        return "postgres" if self is EngineKind.POSTGRESQL else str(self.value)

    @property
    def default_schema(self) -> str:
        """Where a name without a schema lives when nobody said where."""
        return {EngineKind.DUCKDB: "main", EngineKind.POSTGRESQL: "public"}.get(self, "default")

    @property
    def works_here(self) -> bool:
        """Whether its queries run in this machine's processor, beside the portal."""
        return self is EngineKind.DUCKDB


class Warehouse(models.Model):
    """A configured system; its name is the first part of the name of every dataset in it.

    `url` may hold `${NAME}` references; they are resolved when a connection is made and are never shown resolved.
    `manage`, where given, is the URL of a role that may keep screens in the warehouse (PostgreSQL only).
    """

    name = models.CharField(
        max_length=63,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z][a-z0-9_-]*$", "Use lower-case letters, digits, - and _.")
        ],
    )
    url = models.CharField(max_length=500)
    manage = models.CharField(max_length=500, blank=True, default="")
    engine = models.CharField(max_length=20, choices=EngineKind.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    described_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
