"""Cards beside words; grams without positions in the place of phrases; how far re-indexing has come.

Words kept so far are taken over as they stand and found again at once by `manage reindex`, which also writes the cards.
A process of the version before cannot index meanwhile: its deliveries are tried again by this version.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

PROPOSED = """
CREATE FUNCTION search_proposed(wanted bigint[], spans bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SET enable_seqscan TO off SET jit TO off AS $$
BEGIN
  IF cardinality(spans) = 0 THEN
    RETURN QUERY SELECT subject_id FROM search_words WHERE grams @> wanted;
  ELSE
    RETURN QUERY SELECT subject_id FROM search_words WHERE grams @> wanted AND grams && spans;
  END IF;
END $$
"""
FORWARD = {
    "sqlite": [
        "DROP TABLE search_index",
        "CREATE VIRTUAL TABLE search_grams USING fts5(grams, content='', detail=none, columnsize=0, tokenize='ascii')",
    ],
    "postgresql": [
        "DROP INDEX search_words_grams",
        "ALTER TABLE search_words DROP COLUMN grams",
        "ALTER TABLE search_words ADD COLUMN grams bigint[]",
        "CREATE INDEX search_words_grams ON search_words USING gin (grams) WITH (fastupdate = off)",
        PROPOSED,
    ],
}
BACKWARD = {
    "sqlite": [
        "DROP TABLE search_grams",
        "CREATE VIRTUAL TABLE search_index USING fts5(grams, content='', tokenize='unicode61 remove_diacritics 0')",
    ],
    "postgresql": [
        "DROP FUNCTION search_proposed(bigint[], bigint[])",
        "DROP INDEX search_words_grams",
        "ALTER TABLE search_words DROP COLUMN grams",
        "ALTER TABLE search_words ADD COLUMN grams tsvector",
        "CREATE INDEX search_words_grams ON search_words USING gin (grams)",
    ],
}


def make_index(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for sql in FORWARD[editor.connection.vendor]:
        editor.execute(sql)


def drop_index(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for sql in BACKWARD[editor.connection.vendor]:
        editor.execute(sql)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("search", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Card",
            fields=[
                (
                    "subject",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="card",
                        serialize=False,
                        to="ledger.subject",
                    ),
                ),
                ("noun", models.CharField(max_length=20)),
                ("unit", models.BigIntegerField()),
                ("year", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
                ("number", models.CharField(blank=True, default="", max_length=80)),
                ("title", models.CharField(max_length=300)),
                (
                    "kind",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="ledger.kind"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reindexing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("after", models.BigIntegerField(default=0)),
                ("until", models.BigIntegerField(default=0)),
                ("looked_at", models.IntegerField(default=0)),
                ("changed", models.IntegerField(default=0)),
                ("begun", models.DateTimeField()),
                ("ended", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField("words", "shown", models.TextField(blank=True, db_default="", default="")),
        migrations.RunPython(make_index, drop_index),
    ]
