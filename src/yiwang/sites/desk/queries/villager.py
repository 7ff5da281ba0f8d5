"""What is known of the person at the counter, for the form."""

from yiwang.kernel.forms.definition import Json
from yiwang.kernel.org.models import Party


def prefill_of(party: Party) -> dict[str, Json]:
    """Name, identity, telephone and address of a party seen in person (level 2)."""
    facts: dict[str, Json] = {"name": party.name, "phone": party.phone, "address": party.address}
    if party.kind == Party.Type.PERSON:
        facts["identity"] = {"kind": "id_card", "number": party.id_number}
    else:
        facts["credit_code"] = party.id_number
    return {"party": facts}
