"""What holds for every reader of a dataset, whatever their grant: masks, a row filter, and the rules of approval."""

from django.db import models
from django.db.models import Q

from access.policies.masks import Mask, mask_of
from catalog.models import Dataset


class DatasetPolicy(models.Model):
    """The owner's rules for one dataset. A dataset without a row here has no filter and the default rules.

    How its requests are decided is in `ApprovalRule`. `broken_at` is set when an expression stopped compiling against
    the schema: the dataset is closed until it is mended.
    """

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="+")
    rows = models.TextField(blank=True, help_text="A filter that holds for every grantee.")
    unused_after = models.DurationField(null=True, blank=True)
    broken_at = models.DateTimeField(null=True, blank=True)
    broken_reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1, help_text="Moves with every change.")

    def __str__(self) -> str:
        return f"policy of {self.dataset}"


class ColumnMask(models.Model):
    """How a column looks to whoever may see it but not in the clear: a named mask, or the owner's own expression.

    `options` are the parameters of a named mask; `type` is what the engine said comes out where only it can say.
    """

    policy = models.ForeignKey(DatasetPolicy, on_delete=models.CASCADE, related_name="masks")
    column_name = models.CharField(max_length=255)
    kind = models.CharField(max_length=20)
    sql = models.TextField(blank=True)
    options = models.JSONField(default=dict, db_default={}, blank=True)
    type = models.TextField(blank=True, default="", db_default="")

    class Meta:
        ordering = ["column_name"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "column_name"], name="one_mask_per_column"),
            models.CheckConstraint(
                condition=(Q(kind="sql") & ~Q(sql="")) | (~Q(kind="sql") & Q(sql="")),
                name="mask_is_named_or_sql",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.column_name}: {self.kind}"

    @property
    def value(self) -> Mask:
        """The mask as the policy compiler knows it. Errors: ValueError for a kind this version does not know."""
        return mask_of(self.kind, self.sql or None, self.options, self.type)
