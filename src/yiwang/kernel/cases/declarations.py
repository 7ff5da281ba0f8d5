"""Registers and families of quotas that a type brings with it, read from `registers.yaml`."""

from yiwang.kernel.forms.yaml_marks import Section, read_definition
from yiwang.kernel.registers.bookings import SchemeDeclaration
from yiwang.kernel.registers.models import Register
from yiwang.kernel.registers.services import Declaration

REGISTERS = "registers.yaml"


def parse_registers(text: str, file: str = REGISTERS) -> list[Declaration | SchemeDeclaration]:
    """Every register and quota family of a file; none for an empty text. Raises DefinitionRefused."""
    if not text:
        return []
    top = read_definition(text, file)
    found: list[Declaration | SchemeDeclaration] = [_register(one) for one in top.sections("registers", most=20)]
    found += [_scheme(one) for one in top.sections("schemes", most=20)]
    top.done()
    return found


def _register(section: Section) -> Declaration:
    found = Declaration(
        key=section.name("key"),
        name=section.text("name"),
        pattern=section.text("pattern"),
        kind=section.choice("kind", tuple(Register.Type.values)),
        public_fields=section.texts("public_fields"),
        basis=section.text("basis", ""),
    )
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
