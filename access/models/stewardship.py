"""Who answers for a dataset or a domain. django-guardian keeps the right to act; the right to data is a Grant.

The object permissions hang on `Stewardship`, a row of this room, through direct foreign keys, so that the catalog has
neither a key nor a reverse accessor that leads to a person.
"""

from django.db import models
from django.db.models import Q
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from catalog.models import Dataset, Domain


class Stewardship(models.Model):
    """The charge of one dataset, or of one domain and all its datasets."""

    dataset = models.OneToOneField(
        Dataset, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    domain = models.OneToOneField(
        Domain, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        default_permissions = ()
        permissions = [
            ("decide", "Decide requests and end grants"),
            ("describe", "Describe: titles, documentation, deprecation"),
            ("see_metadata", "Know that it exists and read its metadata"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(dataset__isnull=False, domain__isnull=True)
                | Q(dataset__isnull=True, domain__isnull=False),
                name="stewardship_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"stewardship of {self.dataset or self.domain}"


class StewardshipUserPermission(UserObjectPermissionBase):
    """One person's permission over one charge."""

    content_object = models.ForeignKey(Stewardship, on_delete=models.CASCADE)


class StewardshipTeamPermission(GroupObjectPermissionBase):
    """One team's permission over one charge."""

    content_object = models.ForeignKey(Stewardship, on_delete=models.CASCADE)
