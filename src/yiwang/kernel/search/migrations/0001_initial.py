import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FORWARD = {
    "sqlite": ["CREATE VIRTUAL TABLE search_index USING fts5(grams, content='', tokenize='unicode61 remove_diacritics 0')"],
    "postgresql": [
        "ALTER TABLE search_words ADD COLUMN grams tsvector",
        "CREATE INDEX search_words_grams ON search_words USING gin (grams)",
    ],
}
BACKWARD = {
    "sqlite": ["DROP TABLE search_index"],
    "postgresql": ["DROP INDEX search_words_grams", "ALTER TABLE search_words DROP COLUMN grams"],
}


def make_index(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for sql in FORWARD[editor.connection.vendor]:
        editor.execute(sql)


def drop_index(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for sql in BACKWARD[editor.connection.vendor]:
        editor.execute(sql)


class Migration(migrations.Migration):
    initial = True
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Words",
            fields=[
                (
                    "subject",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="ledger.subject",
                    ),
                ),
                ("text", models.TextField()),
            ],
        ),
        migrations.RunPython(make_index, drop_index),
    ]
