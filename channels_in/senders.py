"""The list of senders whose mail is kept out or let in, and the look at it for each mail."""

import time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from channels_in.models import SenderRule
from helpdesk.agents.changes import demand_unused, record_setting, save_setting
from helpdesk.agents.models import User
from helpdesk.lib.addresses import is_valid, normalise

SUBJECT = "sender_rule"
# The list changes once a week and is asked for each mail: every process reads it again so often.
KEPT_SECONDS = 5.0
_read: dict[int, tuple[float, dict[str, tuple[int, str]]]] = {}


def rules_of(authority_id: int) -> QuerySet[SenderRule]:
    """Return the list of an authority by pattern."""
    return SenderRule.objects.filter(authority_id=authority_id).order_by("pattern")


def find_rule(authority_id: int, address: str) -> tuple[int, str] | None:
    """Return id and verdict of the rule that a sender falls under: its address, else its domain.

    A domain stands for those below it as well, the nearest first. A change takes
    effect within seconds.
    """
    rules = _rules(authority_id)
    if not rules or "@" not in address:
        return None
    email = normalise(address)
    labels = email.rpartition("@")[2].split(".")
    wanted = (email, *(".".join(labels[at:]) for at in range(len(labels))))
    return next((rules[each] for each in wanted if each in rules), None)


def count_hit(rule_id: int) -> None:
    """Count one mail that a rule kept out."""
    SenderRule.objects.filter(pk=rule_id).update(hits=F("hits") + 1, last_hit_at=Now())


def forget_rules() -> None:
    """Read the list anew at the next mail of this process."""
    _read.clear()


@transaction.atomic
def add_rule(*, pattern: str, verdict: str, note: str, user: User) -> SenderRule:
    """Enter an address or a domain; raises ValidationError by field."""
    rule = SenderRule(authority_id=user.authority_id)
    wanted = _clean_pattern(pattern)
    demand_unused(rules_of(user.authority_id), instance=rule, field="pattern", value=wanted)
    values = {"pattern": wanted, "verdict": verdict, "note": note.strip()}
    save_setting(instance=rule, values=values, subject_kind=SUBJECT, user=user)
    transaction.on_commit(forget_rules)
    return rule


@transaction.atomic
def remove_rule(*, rule_id: int, user: User) -> bool:
    """Take a rule off the list; False if it is not there."""
    rule = rules_of(user.authority_id).select_for_update().filter(pk=rule_id).first()
    if rule is None:
        return False
    rule.delete()
    record_setting(
        subject=(SUBJECT, rule_id), authority_id=user.authority_id, user=user, action="deleted"
    )
    transaction.on_commit(forget_rules)
    return True


def _rules(authority_id: int) -> dict[str, tuple[int, str]]:
    kept = _read.get(authority_id)
    if kept is not None and time.monotonic() < kept[0]:
        return kept[1]
    rows = rules_of(authority_id).values_list("pattern", "pk", "verdict")
    rules = {pattern: (pk, verdict) for pattern, pk, verdict in rows}
    _read[authority_id] = (time.monotonic() + KEPT_SECONDS, rules)
    return rules


def _clean_pattern(pattern: str) -> str:
    bare = pattern.strip().lstrip("*@.").lower()
    whole = bare if "@" in bare else f"x@{bare}"
    if not is_valid(whole) or "." not in whole.rpartition("@")[2]:
        raise ValidationError(
            {"pattern": _("Write an address or a domain, such as spam.example or a@spam.example.")}
        )
    normal = normalise(whole)
    return normal if "@" in bare else normal.rpartition("@")[2]
