"""How requests are decided has been in `ApprovalRule` since 0007; nothing reads or writes the old columns any more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("access", "0011_audit_checkpoints")]

    operations = [
        migrations.RemoveConstraint("datasetpolicy", "at_least_one_approval"),
        migrations.RemoveField("datasetpolicy", "approvals"),
        migrations.RemoveField("datasetpolicy", "auto_approve"),
        migrations.RemoveField("datasetpolicy", "longest"),
    ]
