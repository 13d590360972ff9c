"""How a reader wants their lists to look: a setting of the screen, of which no history is kept."""

from collections.abc import Sequence

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.worklists.models import Density, ListSettings

# Lists whose columns are remembered for one reader; the oldest choice makes room.
MOST_LISTS = 100


@transaction.atomic
def set_density(*, user: User, density: str) -> None:
    """Keep how high rows are; raises ValueError for what is no density."""
    ListSettings.objects.update_or_create(user=user, defaults={"density": Density(density)})


@transaction.atomic
def set_columns(*, user: User, slug: str, columns: Sequence[str]) -> None:
    """Keep which columns a list has for this reader; none means those it begins with."""
    ListSettings.objects.get_or_create(user=user)
    row = ListSettings.objects.select_for_update().get(user=user)
    kept = {key: value for key, value in row.columns.items() if key != slug}
    if columns:
        kept[slug] = list(columns)
    row.columns = dict(list(kept.items())[-MOST_LISTS:])
    row.save(update_fields=["columns"])
