"""Which sites may show a piece of the portal in a frame."""

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from helpdesk.agents.changes import save_setting
from helpdesk.agents.models import Authority, User
from helpdesk.pages.models import Embedding

MOST = 20
# What stands in a policy of ours: nothing but scheme, host and port gets into it.
ORIGIN = re.compile(r"https://(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+(?::[0-9]{1,5})?")


@transaction.atomic
def allow_embedding(*, authority_id: int, origins: Iterable[str], user: User | None) -> Embedding:
    """Let these sites show the portal's frame, and no others; raises ValidationError."""
    Authority.objects.select_for_update().get(pk=authority_id)
    wanted = list(dict.fromkeys(each.strip().lower().rstrip("/") for each in origins))
    wanted = [each for each in wanted if each]
    wrong = [each for each in wanted if not ORIGIN.fullmatch(each)]
    if wrong:
        raise ValidationError(
            {
                "origins": [
                    _("“%(address)s” is no address of a site. Write for example %(example)s.")
                    % {"address": each, "example": "https://www.musterstadt.de"}
                    for each in wrong[:3]
                ]
            }
        )
    if len(wanted) > MOST:
        raise ValidationError({"origins": [_("At most %(most)d sites.") % {"most": MOST}]})
    found = Embedding.objects.filter(authority_id=authority_id).first()
    embedding = found or Embedding(authority_id=authority_id)
    return save_setting(
        instance=embedding, values={"origins": wanted}, subject_kind="embedding", user=user
    )
