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

    name: str
    mailbox: str
    signature: str


@dataclass(frozen=True, slots=True)
class DemoAgent:
    """Somebody who works here; the names of teams say what they may see."""

    name: str
    mailbox: str
    teams: tuple[str, ...]
    phone: str
    is_administrator: bool = False

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

TEAMS = (
    DemoTeam(CITIZENS, "info", "Bürgerbüro der Stadt Musterstadt\nMarktplatz 1, 12345 Musterstadt"),
    DemoTeam(ROADS, "tiefbau", "Tiefbauamt der Stadt Musterstadt"),
    DemoTeam(WASTE, "abfall", "Abfallwirtschaft der Stadt Musterstadt"),
    DemoTeam(ORDER, "ordnung", "Ordnungsamt der Stadt Musterstadt"),
)

AGENTS = (
    DemoAgent(
        "Anna Berger",
        "anna.berger",
        (CITIZENS, ROADS, WASTE, ORDER),
        "0123 456-10",
        is_administrator=True,
    ),
    DemoAgent("Jana Petersen", "jana.petersen", (CITIZENS, ORDER), "0123 456-21"),
    DemoAgent("Mehmet Kaya", "mehmet.kaya", (ROADS,), "0123 456-34"),
    DemoAgent("Sabine Vogt", "sabine.vogt", (WASTE, ORDER), "0123 456-47"),
)

TOPICS = (
    DemoTopic("Ausweise und Meldewesen", "Personalausweis und Reisepass", CITIZENS),
    DemoTopic("Ausweise und Meldewesen", "Wohnsitz an- und ummelden", CITIZENS),
    DemoTopic("Ausweise und Meldewesen", "Führungszeugnis", CITIZENS),
    DemoTopic("Straßen und Wege", "Schlagloch und Gehwegschaden", ROADS, Priority.HIGH),
    DemoTopic("Straßen und Wege", "Straßenbeleuchtung", ROADS),
    DemoTopic("Straßen und Wege", "Ampel und Verkehrszeichen", ROADS, Priority.HIGH),
    DemoTopic("Abfall und Sauberkeit", "Tonne nicht geleert", WASTE),
    DemoTopic("Abfall und Sauberkeit", "Wilder Müll", WASTE),
    DemoTopic("Abfall und Sauberkeit", "Sperrmüll", WASTE),
    DemoTopic("Ordnung und Sicherheit", "Lärm und Ruhestörung", ORDER),
    DemoTopic("Ordnung und Sicherheit", "Falschparker", ORDER),
    DemoTopic("Ordnung und Sicherheit", "Fundsachen", ORDER, Priority.LOW),
)
