"""Who used a word in two hours running is one person in both together."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commandcenter", "0001_initial")]

    operations = [migrations.AddField("termhour", "again", models.JSONField(default=dict))]
