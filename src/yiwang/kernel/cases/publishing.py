"""Actions on types: read definition files, keep them as a version, publish it by a second person."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from django.db.models import Max

from yiwang.kernel.base.moments import now, today
from yiwang.kernel.cases.declarations import REGISTERS, parse_registers
from yiwang.kernel.cases.models import CaseType, TypeVersion
from yiwang.kernel.cases.opening import number_register
from yiwang.kernel.cases.refusals import SamePublisher
from yiwang.kernel.cases.types import PROCESS, TYPE, parse_definition
from yiwang.kernel.cases.typespec import parse_type
from yiwang.kernel.crypto.digests import sha256_hex
from yiwang.kernel.forms.refusals import DefinitionRefused
from yiwang.kernel.ledger.kinds import kind_id
from yiwang.kernel.process.definitions import compile_diagram, draft_definition, publish_definition
from yiwang.kernel.registers.bookings import declare_scheme
from yiwang.kernel.registers.models import Register
from yiwang.kernel.registers.services import Declaration, declare

SUFFIXES = (".yaml", ".bpmn", ".typ")
SHIPPED = 0
REVIEWED = -1


def read_folder(folder: Path) -> dict[str, str]:
    """Definition files of one type. Raises DefinitionRefused when one is missing or not UTF-8."""
    files = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in SUFFIXES:
            try:
                files[path.name] = path.read_text("utf-8")
            except UnicodeDecodeError as error:
                raise DefinitionRefused(f"{path.name}：不是 UTF-8 编码", field=path.name) from error
    missing = [name for name in (TYPE, "form.yaml", PROCESS) if name not in files]
    if missing:
        raise DefinitionRefused(f"{folder.name}：缺少 {'、'.join(missing)}", field=missing[0])
    return files


def digest_of(files: Mapping[str, str]) -> str:
    """The hash by which a version is known."""
    return sha256_hex(json.dumps(dict(files), ensure_ascii=False, sort_keys=True).encode())


def draft(files: Mapping[str, str], author: int) -> TypeVersion:
    spec = parse_definition(files)
    compile_diagram(files[PROCESS])
    process = draft_definition(key=spec.key, xml=files[PROCESS], drafted_by=author)
    kind = kind_id(f"case:{spec.key}")
    case_type, _ = CaseType.objects.get_or_create(key=spec.key, defaults={"kind_id": kind, "name": spec.name})
    last = TypeVersion.objects.filter(type=case_type).aggregate(last=Max("number"))["last"] or 0
    return TypeVersion.objects.create(
        type=case_type,
        number=last + 1,
        content=dict(files),
        sha256=digest_of(files),
        process=process,
        valid_from=spec.valid_from,
        valid_to=spec.valid_to,
        drafted_by=author,
    )


def publish(version: TypeVersion, publisher: int) -> TypeVersion:
    if version.drafted_by == publisher:
        raise SamePublisher()
    publish_definition(definition_id=version.process_id, published_by=publisher)
    before = TypeVersion.objects.filter(type=version.type, status=TypeVersion.Status.PUBLISHED)
    before.update(status=TypeVersion.Status.REPLACED, valid_to=max(today() - timedelta(days=1), version.valid_from))
    version.status, version.published_by, version.published_at = TypeVersion.Status.PUBLISHED, publisher, now()
    version.save(update_fields=["status", "published_by", "published_at"])
    spec = parse_type(version.content[TYPE])
    CaseType.objects.filter(pk=version.type_id).update(name=spec.name, mark=spec.mark)
    declare(Declaration(number_register(spec.key), spec.name, spec.number, Register.Type.RECORD))
    for declaration in parse_registers(version.content.get(REGISTERS, "")):
        declare(declaration) if isinstance(declaration, Declaration) else declare_scheme(declaration)
    return version
