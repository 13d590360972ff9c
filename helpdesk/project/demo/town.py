"""Who works in Musterstadt, and in which teams."""

from dataclasses import dataclass

NAME = "Stadt Musterstadt"
SHORT_NAME = "Musterstadt"
PREFIX = "MU"
DOMAIN = "musterstadt.example"
# Printed at every start of the demonstration; a start without it locks these accounts.
DEMO_PASSWORD = "demo-musterstadt"  # noqa: S105 - meant to be known; the reason stands above


@dataclass(frozen=True, slots=True)
class DemoTeam:
    """A team with the mailbox that leads to it."""

    key: str
    name: str
    mailbox: str
    signature: str


@dataclass(frozen=True, slots=True)
class DemoAgent:
    """Somebody who works here: full rights in ``teams``, no answers in ``learns_in``."""

    key: str
    name: str
    mailbox: str
    phone: str
    teams: tuple[str, ...] = ()
    learns_in: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        """Return the address to sign in with."""
        return f"{self.mailbox}@{DOMAIN}"


CITIZENS = "Bürgerbüro"
ROADS = "Tiefbau"
WASTE = "Abfall"
ORDER = "Ordnung"
GREEN = "Stadtgrün"

TEAMS = (
    DemoTeam(
        "buergerbuero",
        CITIZENS,
        "info",
        "Bürgerbüro der Stadt Musterstadt\nMarktplatz 1, 12345 Musterstadt",
    ),
    DemoTeam("tiefbau", ROADS, "tiefbau", "Tiefbauamt der Stadt Musterstadt"),
    DemoTeam("abfall", WASTE, "abfall", "Abfallwirtschaft der Stadt Musterstadt"),
    DemoTeam("ordnung", ORDER, "ordnung", "Ordnungsamt der Stadt Musterstadt"),
    DemoTeam("gruen", GREEN, "gruen", "Stadtgrün und Friedhöfe der Stadt Musterstadt"),
)

AGENTS = (
    DemoAgent(
        "anna",
        "Anna Berger",
        "anna.berger",
        "0123 456-10",
        teams=(CITIZENS, ROADS, WASTE, ORDER, GREEN),
        roles=("Administration",),
    ),
    DemoAgent("jana", "Jana Petersen", "jana.petersen", "0123 456-21", teams=(CITIZENS, ORDER)),
    DemoAgent("mehmet", "Mehmet Kaya", "mehmet.kaya", "0123 456-34", teams=(ROADS,)),
    DemoAgent("sabine", "Sabine Vogt", "sabine.vogt", "0123 456-47", teams=(WASTE, ORDER)),
    DemoAgent("lukas", "Lukas Brandner", "lukas.brandner", "0123 456-52", teams=(ROADS, GREEN)),
    DemoAgent(
        "olena",
        "Olena Kowalenko",
        "olena.kowalenko",
        "0123 456-23",
        teams=(CITIZENS,),
        roles=("Redaktion",),
    ),
    DemoAgent("miriam", "Miriam Hahn", "miriam.hahn", "0123 456-28", learns_in=(CITIZENS, GREEN)),
    DemoAgent("uwe", "Uwe Sander", "uwe.sander", "0123 456-70", roles=("Betrieb",)),
)

# To whom a request is passed on for which the town is not responsible: name, mail, for what.
OFFICES = (
    (
        "Landkreis Musterland",
        "info@landkreis-musterland.example",
        "Kreisstraßen, Kfz-Zulassung, Jugendamt, Lebensmittelaufsicht",
    ),
    (
        "Stadtwerke Musterstadt",
        "stoerung@stadtwerke-musterstadt.example",
        "Strom, Gas, Wasser, Fernwärme, Busse",
    ),
    (
        "Wohnbau Musterstadt",
        "service@wohnbau-musterstadt.example",
        "Wohnungen und Höfe der Gesellschaft",
    ),
)
