"""A throw-away version of the shipped process: a panel reviews, and the approver names who signs in turn."""

import re

from django.conf import settings

from yiwang.kernel.cases.actions.publishing import load_shipped
from yiwang.kernel.cases.publishing import read_folder
from yiwang.kernel.cases.tests.world import CHECKER, County
from yiwang.kernel.cases.types import PROCESS
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Person
from yiwang.kernel.process.models import WorkItem

OTHER_CHECKER = "方敏"
FOLDER = settings.DEFINITIONS / "forestry" / "felling"
PANEL = 'yw:complete="one_veto" yw:consult="intake" yw:moves="agree:同意，报审批,refuse:不同意"'


def loop(sequential: bool) -> str:
    """The mark of a step that several people do."""
    return f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"/></bpmn:userTask>'


def with_panels(xml: str) -> str:
    """The diagram with `review` signed by every checker and `sign` by those whom the approver names."""
    review = re.search(r'<bpmn:userTask id="review"[^>]*/>', xml)
    sign = re.search(r'<bpmn:userTask id="sign"[^>]*/>', xml)
    assert review is not None
    assert sign is not None
    made = re.sub(r'yw:moves="[^"]*"', PANEL, review[0]).replace('"reviewer"', '"checker"')
    xml = xml.replace(review[0], made.removesuffix("/>") + ">" + loop(sequential=False))
    named = sign[0].replace("/>", ' yw:signers="named:approve" yw:complete="all">') + loop(sequential=True)
    return xml.replace(sign[0], named)


def load_panels() -> None:
    """Make it the version in force."""
    files = read_folder(FOLDER)
    load_shipped(actor=SYSTEM, files={**files, PROCESS: with_panels(files[PROCESS])})


def person(name: str) -> int:
    """Id of a member of staff."""
    return Person.objects.get(name=name).pk


def signature(county: County, case: int, name: str) -> int:
    """The open item of a signer."""
    return WorkItem.objects.get(subject=case, person=person(name), state=WorkItem.State.OPEN, asking=0).pk


__all__ = ["CHECKER", "OTHER_CHECKER", "load_panels", "person", "signature"]
