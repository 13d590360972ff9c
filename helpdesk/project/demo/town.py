"""Who works in Musterstadt, in which teams, and on which topics."""

from dataclasses import dataclass

from helpdesk.tickets.enums import Priority

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


@dataclass(frozen=True, slots=True)
class DemoTopic:
    """A topic of the second level below ``group``."""

    group: str
    name: str
    team: str
    priority: Priority = Priority.NORMAL


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

IDENTITY = "Ausweise und Meldewesen"
STREETS = "Straßen und Wege"
CLEAN = "Abfall und Sauberkeit"
SAFETY = "Ordnung und Sicherheit"
PARKS = "Grün und Spielplätze"

TOPICS = (
    DemoTopic(IDENTITY, "Personalausweis und Reisepass", CITIZENS),
    DemoTopic(IDENTITY, "Wohnsitz an- und ummelden", CITIZENS),
    DemoTopic(IDENTITY, "Führungszeugnis", CITIZENS),
    DemoTopic(IDENTITY, "Urkunden und Heirat", CITIZENS),
    DemoTopic(STREETS, "Schlagloch und Gehwegschaden", ROADS, Priority.HIGH),
    DemoTopic(STREETS, "Straßenbeleuchtung", ROADS),
    DemoTopic(STREETS, "Ampel und Verkehrszeichen", ROADS, Priority.HIGH),
    DemoTopic(STREETS, "Baustelle und Umleitung", ROADS),
    DemoTopic(STREETS, "Winterdienst und Straßenreinigung", ROADS),
    DemoTopic(CLEAN, "Tonne nicht geleert", WASTE),
    DemoTopic(CLEAN, "Wilder Müll", WASTE),
    DemoTopic(CLEAN, "Sperrmüll", WASTE),
    DemoTopic(CLEAN, "Tonne bestellen oder tauschen", WASTE),
    DemoTopic(SAFETY, "Lärm und Ruhestörung", ORDER),
    DemoTopic(SAFETY, "Falschparker", ORDER),
    DemoTopic(SAFETY, "Fundsachen", ORDER, Priority.LOW),
    DemoTopic(SAFETY, "Hund und Haustiere", ORDER),
    DemoTopic(PARKS, "Baum in Gefahr", GREEN, Priority.HIGH),
    DemoTopic(PARKS, "Spielplatz", GREEN),
    DemoTopic(PARKS, "Parkbank und Grünanlage", GREEN),
)
