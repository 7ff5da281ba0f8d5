from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FORWARD = [
    "CREATE FUNCTION jobs_wake() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN PERFORM pg_notify('yiwang_jobs', ''); RETURN NULL; END $$",
    "CREATE TRIGGER jobs_wake AFTER INSERT ON jobs_job FOR EACH STATEMENT EXECUTE FUNCTION jobs_wake()",
]
BACKWARD = ["DROP TRIGGER jobs_wake ON jobs_job", "DROP FUNCTION jobs_wake()"]


def add_trigger(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        for sql in FORWARD:
            editor.execute(sql)


def drop_trigger(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        for sql in BACKWARD:
            editor.execute(sql)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [migrations.RunPython(add_trigger, drop_trigger)]
