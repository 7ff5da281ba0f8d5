"""Run by `./run manage shell` on the node: units and people, and a system officer who can sign in."""

import json
import sys
import time

from yiwang.kernel.base.moments import now
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.queries import actor_of
from yiwang.project.demo.organisation import found_organisation
from yiwang.sites.identity.actions.officers import make_account
from yiwang.sites.identity.actions.own import enrol_second_factor
from yiwang.sites.identity.rules import PERIOD, totp
from yiwang.sites.identity.second_factor import new_secret

found_organisation()
account, password = make_account(actor=SYSTEM, username="sysadmin", officer="system")
account.password_changed = now()
account.save(update_fields=["password_changed"])
secret = new_secret()
enrol_second_factor(actor=actor_of(account), secret=secret, code=totp(secret, int(time.time()) // PERIOD - 1))
sys.stdout.write("answer: " + json.dumps({"username": account.username, "password": password, "secret": secret}) + "\n")
