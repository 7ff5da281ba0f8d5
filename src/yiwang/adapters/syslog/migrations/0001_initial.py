from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='SentDay',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('seq', models.IntegerField(default=0)),
            ],
        ),
    ]
