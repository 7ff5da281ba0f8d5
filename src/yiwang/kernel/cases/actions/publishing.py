"""Types: keep definition files as a version, publish it by a second person, load those shipped."""

from collections.abc import Mapping

from django.db import transaction

from yiwang.kernel.cases.models import TypeVersion
from yiwang.kernel.cases.publishing import REVIEWED, SHIPPED, digest_of, draft, publish
from yiwang.kernel.cases.types import TYPE
from yiwang.kernel.cases.typespec import parse_type
from yiwang.kernel.org.actors import Actor


@transaction.atomic(durable=True)
def draft_version(*, actor: Actor, files: Mapping[str, str]) -> TypeVersion:
    """Keep definition files as the next draft of their type.

    Raises DefinitionRefused, ExpressionRefused or DiagramRefused when they cannot be read; nothing is kept.
    """
    return draft(files, actor.account)


@transaction.atomic(durable=True)
def publish_version(*, actor: Actor, version: int) -> TypeVersion:
    """Make a draft the version in force; new cases take it, running ones keep theirs.

    Raises SamePublisher when its author tries it himself.
    """
    return publish(TypeVersion.objects.select_for_update().select_related("type").get(pk=version), actor.account)


@transaction.atomic(durable=True)
def load_shipped(*, actor: Actor, files: Mapping[str, str]) -> tuple[TypeVersion, bool]:
    """The published version with exactly these shipped files, made when there is none; says whether it was made.

    A shipped pack was reviewed before its release; the record says so instead of naming a person.
    """
    key = parse_type(files[TYPE]).key
    same = TypeVersion.objects.filter(type__key=key, sha256=digest_of(files))
    known = same.filter(status=TypeVersion.Status.PUBLISHED).first()
    if known is not None:
        return known, False
    return publish(draft(files, SHIPPED), REVIEWED), True
