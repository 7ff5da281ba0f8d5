from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="register",
            name="columns",
            field=models.JSONField(default=list, db_default=models.Value([], models.JSONField())),
        ),
    ]
