"""Steps that keep the index."""

from django.db import connection

from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.search.grams import kept, tokens
from yiwang.kernel.search.models import Words
from yiwang.kernel.search.statements import DIALECTS


def index(subject: Subject, text: str, *, is_new: bool = False) -> None:
    """Let a subject be found by these words from now on; `is_new` spares the look for older ones."""
    new = kept(text)
    old = "" if is_new else Words.objects.filter(pk=subject.pk).values_list("text", flat=True).first() or ""
    if old == new:
        return
    Words.objects.bulk_create(
        [Words(subject=subject, text=new)],
        update_conflicts=not is_new,
        unique_fields=None if is_new else ["subject"],
        update_fields=None if is_new else ["text"],
    )
    with connection.cursor() as cursor:
        for sql, values in DIALECTS[connection.vendor].put(subject.pk, tokens(old), tokens(new)):
            cursor.execute(sql, values)
