"""Versions of types as the code uses them: parsed once, kept for as long as the process lives."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.checks import CheckSpec, parse_checks
from yiwang.kernel.cases.declarations import REGISTERS, parse_registers
from yiwang.kernel.cases.models import TypeVersion
from yiwang.kernel.cases.refusals import TypeNotOffered
from yiwang.kernel.cases.typespec import TypeSpec, parse_type
from yiwang.kernel.forms.definition import FormDef, names_of
from yiwang.kernel.forms.library import verify
from yiwang.kernel.forms.loader import load_form
from yiwang.kernel.outputs.definition import OutputSpec, parse_outputs
from yiwang.kernel.process.definitions import graph_of
from yiwang.kernel.process.graph import Graph

TYPE, FORM, MATERIALS, CHECKS, PROCESS = "type.yaml", "form.yaml", "materials.yaml", "checks.yaml", "process.bpmn"
OTHERS = ("outputs.yaml", "registers.yaml")
MOST_OFFERS = 1000
_offers: dict[int, "Offer"] = {}
_current: dict[str, tuple[int, float]] = {}
EXTRA_NAMES = frozenset({"quota_left", "quota_after", "quota_limit", "quota_used"})


@dataclass(frozen=True)
class Offer:
    """One version of a type, ready for use; each of its parts is read when it is first asked for."""

    version: int
    number: int
    kind: int
    process: int
    digest: str
    folder: str
    files: Mapping[str, str]

    @cached_property
    def spec(self) -> TypeSpec:
        """What the type says of itself."""
        return parse_type(self.files[TYPE], self.folder + TYPE)

    @cached_property
    def form(self) -> FormDef:
        """The application."""
        return parse_form(self.files, self.folder)

    @cached_property
    def task_forms(self) -> Mapping[str, FormDef]:
        """Forms of steps by key."""
        return parse_task_forms(self.files, self.folder)

    @cached_property
    def checks(self) -> tuple[CheckSpec, ...]:
        """Checks by rule."""
        return parse_all_checks(self.files, self.folder, self.form, self.task_forms)

    @cached_property
    def outputs(self) -> Mapping[str, OutputSpec]:
        """Papers by key."""
        return parse_outputs(self.files, self.folder)

    @property
    def graph(self) -> Graph:
        """The process."""
        return graph_of(self.process, self.digest)


def parse_form(files: Mapping[str, str], folder: str) -> FormDef:
    """The application with its materials. Raises DefinitionRefused."""
    materials = files.get(MATERIALS, "")
    return load_form(files[FORM], folder + FORM, materials=materials, materials_file=folder + MATERIALS)


def parse_task_forms(files: Mapping[str, str], folder: str) -> dict[str, FormDef]:
    """Forms of steps by key. Raises DefinitionRefused."""
    return {
        name.removesuffix(".yaml"): load_form(text, folder + name)
        for name, text in files.items()
        if name.endswith(".yaml") and name not in (TYPE, FORM, MATERIALS, CHECKS, *OTHERS)
    }


def parse_all_checks(
    files: Mapping[str, str], folder: str, form: FormDef, task_forms: Mapping[str, FormDef]
) -> tuple[CheckSpec, ...]:
    """Checks by rule; none without a file. Raises DefinitionRefused or the refusal of an expression."""
    names = check_names(form, task_forms)
    return parse_checks(files[CHECKS], names, folder + CHECKS) if CHECKS in files else ()


def parse_definition(files: Mapping[str, str], folder: str = "") -> TypeSpec:
    """Read every file of a type, so that nothing wrong is kept. Raises DefinitionRefused naming file, line and key."""
    form, task_forms = parse_form(files, folder), parse_task_forms(files, folder)
    for name, one in ({"form": form} | task_forms).items():
        verify(one, f"{folder}{name}.yaml")
    parse_all_checks(files, folder, form, task_forms)
    parse_outputs(files, folder)
    names = check_names(form, task_forms)
    parse_registers(files.get(REGISTERS, ""), folder + REGISTERS, names)
    return parse_type(files[TYPE], folder + TYPE, names_asked(form))


def names_asked(form: FormDef) -> frozenset[str]:
    """Names that are known when an application is handed in: its fields, and the figures set for it."""
    return frozenset(
        {"today", *form.parameters, *(name for one in form.single_fields().values() for name in names_of(one))}
    )


def labels_of(offer: Offer) -> dict[str, str]:
    """Label of every answer as an entry keeps it: fields of the application, fields of steps as `form__field`."""
    asked = {key: one.bare_label for key, one in offer.form.single_fields().items()}
    for name, form in offer.task_forms.items():
        asked |= {f"{name}__{key}": one.bare_label for key, one in form.single_fields().items()}
    return asked


def check_names(form: FormDef, task_forms: Mapping[str, FormDef]) -> frozenset[str]:
    """Names that a check may use: fields of the application, of task forms as `form__field`, and quota figures."""
    own = {name for one in form.single_fields().values() for name in names_of(one)}
    tasks = {
        f"{key}__{name}"
        for key, task in task_forms.items()
        for one in task.single_fields().values()
        for name in names_of(one)
    }
    return EXTRA_NAMES | own | tasks


def offer_of(version: int) -> Offer:
    """The version with this id. Raises TypeVersion.DoesNotExist."""
    if version not in _offers:
        warm([version])
    return _offers[version] if version in _offers else _missing(version)


def warm(versions: Iterable[int]) -> None:
    """Read several versions at once, as many as this process has not read yet; at most one query."""
    unknown = set(versions) - set(_offers)
    if not unknown:
        return
    if len(_offers) + len(unknown) > MOST_OFFERS:
        _offers.clear()
    for row in TypeVersion.objects.select_related("type", "process").filter(pk__in=unknown):
        digest, folder = row.process.sha256, f"{row.type.key}/"
        _offers[row.pk] = Offer(row.pk, row.number, row.type.kind_id, row.process_id, digest, folder, row.content)


def _missing(version: int) -> Offer:
    raise TypeVersion.DoesNotExist(version)


def current_offer(key: str) -> Offer:
    """The published version of a type in force today, at most `DIRECTORY_REFRESH` seconds old.

    Raises TypeNotOffered.
    """
    version, until = _current.get(key, (0, 0.0))
    if not version or time.monotonic() > until:
        version = _published(key)
        _current[key] = (version, time.monotonic() + (settings.DIRECTORY_REFRESH or -1))
    return offer_of(version)


def _published(key: str) -> int:
    versions = TypeVersion.objects.filter(type__key=key, status=TypeVersion.Status.PUBLISHED, type__is_offered=True)
    row = versions.values_list("pk", "valid_from", "valid_to").first()
    if row is None or row[1] > today() or (row[2] is not None and row[2] < today()):
        raise TypeNotOffered()
    return row[0]


def forget() -> None:
    """Drop what was parsed; tests that empty the tables call it."""
    _offers.clear()
    _current.clear()
