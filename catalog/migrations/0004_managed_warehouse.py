"""A warehouse in which the portal may keep screens: the address of the role that makes them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_search_at_scale")]

    operations = [
        migrations.AddField(
            model_name="warehouse",
            name="manage",
            field=models.CharField(blank=True, default="", max_length=500),
        ),
        # Until every process runs the new version, the old one still writes warehouses without the column.
        migrations.RunSQL(
            "ALTER TABLE catalog_warehouse ALTER COLUMN manage SET DEFAULT ''",
            "ALTER TABLE catalog_warehouse ALTER COLUMN manage DROP DEFAULT",
        ),
    ]
