"""The kinds of things a town says of itself."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TextKind(models.TextChoices):
    """The pages that the law demands of a town's website."""

    IMPRINT = "imprint", _("Imprint")
    PRIVACY = "privacy", _("Privacy")
    CONTACT = "contact", _("Contact")


class Page(models.TextChoices):
    """The portal's own pages, which may be told in plain language and in sign language."""

    HOME = "home", _("Home")
    HELP = "help", _("Help with using these pages")
    ACCESSIBILITY = "accessibility", _("Accessibility statement")
    IMPRINT = "imprint", _("Imprint")
    PRIVACY = "privacy", _("Privacy")
    CONTACT = "contact", _("Contact")


class Conformance(models.TextChoices):
    """How far the portal meets the demands (BITV 2.0 § 7, Decision (EU) 2018/1523)."""

    FULL = "full", _("fully")
    PARTLY = "partly", _("partly")
    NONE = "none", _("not")


class Method(models.TextChoices):
    """How that was found out."""

    SELF = "self", _("self-assessment")
    BITV_TEST = "bitv", _("BITV test by others")
    OTHER = "other", _("another assessment by others")


class Reason(models.TextChoices):
    """Why a barrier is still there; the law knows no other."""

    NOT_YET = "not_yet", _("We have not managed to remove it yet.")
    BURDEN = "burden", _("Removing it would be a disproportionate burden.")
    EXEMPT = "exempt", _("The law makes an exception for this kind of content.")


class Readers(models.TextChoices):
    """Whom a notice is for; the settings put it into words."""

    CITIZENS = "citizens"
    STAFF = "staff"
    ALL = "all"
