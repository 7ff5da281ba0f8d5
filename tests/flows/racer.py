"""One process of a race: sets up, says ready, waits for the word, does its order, says what it came to."""

import json
import os
import sys

import django

django.setup()

from django.db import connection

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.cases.actions.decisions import Decision, decide_step
from yiwang.kernel.cases.actions.life import open_case
from yiwang.kernel.cases.opening import Application
from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.forms.models import Draft
from yiwang.kernel.forms.queries import context_for, typed_in
from yiwang.kernel.forms.rules import judge
from yiwang.kernel.org.models import Account
from yiwang.kernel.org.queries import actor_of
from yiwang.project.demo.player import TYPE, attached


def decide(order: dict[str, str]) -> str:
    """Finish a step as somebody."""
    actor = actor_of(Account.objects.get(pk=order["account"]))
    decision = Decision(order["move"], order["opinion"])
    decide_step(actor=actor, case=int(order["case"]), item=int(order["item"]), decision=decision)
    return "done"


def submit(order: dict[str, str]) -> str:
    """Hand a draft in."""
    actor = actor_of(Account.objects.get(pk=order["account"]))
    draft, form = Draft.objects.get(token=order["draft"]), current_offer(TYPE).form
    files = attached(list(Attachment.objects.filter(draft=draft.token).select_related("blob")))
    answers = judge(form, typed_in(draft), context_for(form, attachments=files))
    say("ready")
    sys.stdin.readline()
    opened = open_case(actor=actor, application=Application(TYPE, answers, draft.token, 3, actor.party))
    return f"{'opened' if opened.is_new else 'known'} {opened.case.pk}"


def say(line: str) -> None:
    """To the process that started this one."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(order: dict[str, str]) -> str:
    """Do the order; the name of the refusal when it is refused."""
    try:
        if order["do"] == "submit":
            return submit(order)
        say("ready")
        sys.stdin.readline()
        return decide(order)
    except Refusal as refusal:
        return type(refusal).__name__


if __name__ == "__main__":
    connection.settings_dict["NAME"] = os.environ["FLOW_DATABASE"]
    say(run(json.loads(sys.argv[1])))
