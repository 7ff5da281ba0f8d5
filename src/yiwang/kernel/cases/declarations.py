"""Registers and families of quotas that a type brings with it, read from `registers.yaml`."""

from yiwang.kernel.forms.library import code_tables
from yiwang.kernel.forms.yaml_marks import Section, read_definition
from yiwang.kernel.registers.bookings import SchemeDeclaration
from yiwang.kernel.registers.models import Register
from yiwang.kernel.registers.services import Column, Declaration

REGISTERS = "registers.yaml"


def parse_registers(
    text: str, file: str = REGISTERS, names: frozenset[str] | None = None
) -> list[Declaration | SchemeDeclaration]:
    """Every register and quota family of a file; none for an empty text. Raises DefinitionRefused.

    `names` are the answers that columns may show; None: not checked.
    """
    if not text:
        return []
    top = read_definition(text, file)
    found: list[Declaration | SchemeDeclaration] = [_register(one, names) for one in top.sections("registers", most=20)]
    found += [_scheme(one) for one in top.sections("schemes", most=20)]
    top.done()
    return found


def _register(section: Section, names: frozenset[str] | None) -> Declaration:
    found = Declaration(
        key=section.name("key"),
        name=section.text("name"),
        pattern=section.text("pattern"),
        kind=section.choice("kind", tuple(Register.Type.values)),
        public_fields=section.texts("public_fields"),
        basis=section.text("basis", ""),
        columns=tuple(_column(one, names) for one in section.sections("columns", most=20)),
    )
    section.done()
    return found


def _column(section: Section, names: frozenset[str] | None) -> Column:
    found = Column(
        key=section.name("key"),
        field=section.text("field", most=200),
        label=section.text("label", most=30),
        unit=section.text("unit", "", most=12),
        codes=section.text("codes", ""),
        has_filter=section.flag("filter"),
        has_sum=section.flag("sum"),
    )
    unknown = {name.strip() for name in found.field.split(",")} - (names if names is not None else frozenset())
    if names is not None and unknown:
        raise section.error("field", f"申请表和办理表里没有 {'、'.join(sorted(unknown))}", "写表里有的名字")
    if found.codes and found.codes not in code_tables():
        raise section.error("codes", f"没有代码表 {found.codes}", "写 包/表，例如 pack/source")
    section.done()
    return found


def _scheme(section: Section) -> SchemeDeclaration:
    found = SchemeDeclaration(
        key=section.name("key"),
        name=section.text("name"),
        measure=section.text("measure"),
        basis=section.text("basis"),
        dimensions=tuple(_dimension(one) for one in section.sections("dimensions", most=6)),
    )
    section.done()
    return found


def _dimension(section: Section) -> dict[str, object]:
    found: dict[str, object] = {
        "key": section.name("key"),
        "title": section.text("title"),
        "values": list(section.texts("values")),
    }
    section.done()
    return found
