"""One physical table or view is one dataset, whoever reports it; other names for it are its aliases.

The values shown here (title, description, tags, ...) are the effective ones, worked out by `catalog.provenance` from
what each source said. Nothing in this room knows who is looking, and no key here points to a person.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from catalog.models.warehouses import Warehouse


class DatasetKind(models.TextChoices):
    """How the warehouse stores it."""

    TABLE = "table", "Table"
    VIEW = "view", "View"


class Sensitivity(models.TextChoices):
    """How much harm a leak would do; it sets how long access may last and how soon unused access ends."""

    PUBLIC = "public", "Public"
    INTERNAL = "internal", "Internal"
    CONFIDENTIAL = "confidential", "Confidential"
    RESTRICTED = "restricted", "Restricted"


class Visibility(models.TextChoices):
    """Who may know that a dataset exists: every person, or only its stewards, holders and named viewers."""

    LISTED = "listed", "Listed"
    HIDDEN = "hidden", "Hidden"


class Domain(models.Model):
    """An area of the business that answers for its data."""

    name = models.SlugField(max_length=63, unique=True)
    title = models.CharField(max_length=120, blank=True)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title or self.name


class Dataset(models.Model):
    """One physical table or view.

    `identity` is `schema.table` folded the way its engine compares names; with the warehouse it is the identity.
    `name` is `warehouse.schema.table` as the engine spells it, and is what URLs and commands use.
    """

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    schema_name = models.CharField(max_length=255)
    table_name = models.CharField(max_length=255)
    identity = models.CharField(max_length=511)
    name = models.CharField(max_length=600, unique=True)
    kind = models.CharField(max_length=10, choices=DatasetKind.choices, default=DatasetKind.TABLE)
    definition = models.TextField(
        blank=True, help_text="The SQL that makes it, when a source told us."
    )

    title = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    domain = models.ForeignKey(
        Domain, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    sensitivity = models.CharField(
        max_length=20, choices=Sensitivity.choices, default=Sensitivity.INTERNAL
    )
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.LISTED
    )
    tags = ArrayField(models.CharField(max_length=63), default=list, blank=True)

    deprecated_at = models.DateTimeField(null=True, blank=True)
    deprecation_note = models.TextField(blank=True)
    successor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    freshness_column = models.CharField(max_length=255, blank=True)
    freshness_within = models.DurationField(null=True, blank=True)
    data_updated_at = models.DateTimeField(
        null=True, blank=True, help_text="When its data last changed, as far as any source told us."
    )
    rows_estimate = models.BigIntegerField(null=True, blank=True)

    schema_version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    missing_at = models.DateTimeField(
        null=True, blank=True, help_text="When the warehouse stopped having it."
    )

    popularity = models.PositiveIntegerField(
        default=0, help_text="People who read it through the gate in the last 30 days."
    )
    search_names = ArrayField(models.CharField(max_length=600), default=list, blank=True)
    search_document = SearchVectorField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "identity"], name="one_dataset_per_table"),
            models.CheckConstraint(
                condition=~Q(successor=models.F("id")), name="dataset_does_not_succeed_itself"
            ),
        ]
        indexes = [
            GinIndex(fields=["search_document"], name="dataset_search_document"),
            GinIndex(fields=["search_names"], name="dataset_search_names"),
            GinIndex(fields=["tags"], name="dataset_tags"),
            models.Index(fields=["-popularity", "name"], name="dataset_by_popularity"),
            models.Index(OpClass(Lower("table_name"), "text_pattern_ops"), name="dataset_by_table"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """What to call it in a sentence: its title, else its table's name."""
        return self.title or self.table_name


class Column(models.Model):
    """A column of a dataset as it stands now; `removed_at` keeps the words of one that went away."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="columns")
    name = models.CharField(max_length=255)
    position = models.PositiveIntegerField()
    type = models.CharField(max_length=255, blank=True)
    is_nullable = models.BooleanField(default=True)
    description = models.TextField(blank=True)
    tags = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="one_column_per_name")
        ]

    def __str__(self) -> str:
        return f"{self.dataset.name}.{self.name}"


class SchemaVersion(models.Model):
    """The columns a dataset had from one moment on.

    `columns` is a list of `{name, type, nullable}` in order; `diff` is a list of
    `{change: added|removed|retyped|nullability|moved, column, old, new}` against the version before.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    columns = models.JSONField()
    diff = models.JSONField(default=list)
    source = models.CharField(max_length=20)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["dataset", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="one_schema_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"


class AliasKind(models.TextChoices):
    """Where another name of a dataset is spoken."""

    DBT = "dbt", "dbt unique id"
    RELATION = "relation", "Relation name"
    OPENLINEAGE = "openlineage", "OpenLineage namespace and name"
    CONTRACT = "contract", "Contract id"


class Alias(models.Model):
    """Another name of a dataset. `namespace` is the warehouse name for dbt and relations, else the reporter's own."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="aliases")
    kind = models.CharField(max_length=20, choices=AliasKind.choices)
    namespace = models.CharField(max_length=500, blank=True)
    value = models.CharField(max_length=600)

    class Meta:
        ordering = ["kind", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "namespace", "value"], name="one_dataset_per_alias"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class Contact(models.Model):
    """Somebody a source named as owner. It is text: it gives nobody authority over the dataset."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="contacts")
    source = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=63, default="owner")

    class Meta:
        ordering = ["role", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "source", "role", "name"], name="one_contact_per_source"
            )
        ]

    def __str__(self) -> str:
        return self.name
