"""How requests are decided: what a dataset, a domain or a level of sensitivity says about it. The most specific wins."""

from django.db import models
from django.db.models import Q

from catalog.models import Dataset, Domain, Sensitivity


class ApprovalRule(models.Model):
    """What is said in one place about deciding; a member that is null says nothing, and the next place is asked.

    `stages` is a list of `{by, approvals}`, `auto_approve` of `{team, columns, unmasked, except_tags, longest}`, and
    `responders` of labels, as `user:rita` or `team:on-call`.
    """

    dataset = models.OneToOneField(
        Dataset, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    domain = models.OneToOneField(
        Domain, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    sensitivity = models.CharField(
        max_length=12, choices=Sensitivity.choices, null=True, blank=True, unique=True
    )
    stages = models.JSONField(null=True, blank=True)
    longest = models.DurationField(null=True, blank=True)
    auto_approve = models.JSONField(null=True, blank=True)
    responders = models.JSONField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="Moves with every change.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(dataset__isnull=False, domain__isnull=True, sensitivity__isnull=True)
                | Q(dataset__isnull=True, domain__isnull=False, sensitivity__isnull=True)
                | Q(dataset__isnull=True, domain__isnull=True, sensitivity__isnull=False),
                name="approval_rule_for_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(stages__isnull=True) | ~Q(stages=[]), name="at_least_one_stage"
            ),
        ]

    def __str__(self) -> str:
        return f"approval rules of {self.dataset or self.domain or self.sensitivity}"
