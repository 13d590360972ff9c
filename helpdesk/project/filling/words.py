"""Sentences of citizens and agents, joined by a generator that always says the same."""

from dataclasses import dataclass
from random import Random

FIRST_NAMES = (
    *("Anna", "Bernd", "Claudia", "Dieter", "Elif", "Frank", "Gisela", "Hasan", "Ingrid", "Jens"),
    *("Katrin", "Lothar", "Maria", "Nadja", "Oskar", "Petra", "Ralf", "Sabine", "Thomas", "Ursula"),
    *("Viktor", "Waltraud", "Yusuf", "Zeynep"),
)
LAST_NAMES = (
    *("Albrecht", "Becker", "Çelik", "Dietrich", "Engel", "Fischer", "Graf", "Hoffmann", "Iwanow"),
    *("Jung", "Kaiser", "Lehmann", "Möller", "Nowak", "Otto", "Peters", "Richter", "Schäfer"),
    *("Thiel", "Ulrich", "Vogel", "Weiß", "Yildiz", "Zimmermann"),
)
STREETS = (
    *("Ahornweg", "Bahnhofstraße", "Dorfstraße", "Eichenallee", "Friedrichstraße", "Gartenstraße"),
    *("Hauptstraße", "Kirchweg", "Lindenstraße", "Marktplatz", "Mühlenweg", "Ringstraße"),
    *("Schillerstraße", "Uferweg", "Wiesenweg"),
)


@dataclass(frozen=True, slots=True)
class Matter:
    """What people write about, and which team sees to it."""

    group: str
    topic: str
    team: int
    subjects: tuple[str, ...]
    sentences: tuple[str, ...]


TEAMS = (
    ("Bürgerbüro", "info"),
    ("Tiefbau", "tiefbau"),
    ("Abfall", "abfall"),
    ("Ordnung", "ordnung"),
    ("Grünflächen", "gruen"),
)
MATTERS = (
    Matter(
        "Ausweise",
        "Personalausweis und Reisepass",
        0,
        ("Termin für neuen Personalausweis", "Reisepass dringend benötigt", "Ausweis verloren"),
        (
            "ich brauche bis Ende des Monats einen neuen Ausweis und finde keinen freien Termin.",
            "Welche Unterlagen muss ich mitbringen, und kann meine Tochter mich vertreten?",
            "Das Foto ist schon beim Fotografen gemacht worden.",
        ),
    ),
    Matter(
        "Straßen",
        "Schlagloch und Gehwegschaden",
        1,
        ("Schlagloch vor Haus {n}, {s}", "Gehwegplatten lose in der {s}", "Straßenschaden {s}"),
        (
            "vor dem Haus ist seit dem letzten Frost ein tiefes Loch in der Fahrbahn.",
            "Gestern ist dort beinahe eine Radfahrerin gestürzt.",
            "Es wäre gut, wenn die Stelle wenigstens abgesperrt würde.",
        ),
    ),
    Matter(
        "Straßen",
        "Straßenbeleuchtung",
        1,
        ("Straßenlaterne defekt: {s} {n}", "Lampe flackert in der {s}", "Kein Licht im {s}"),
        (
            "die Laterne vor unserem Haus ist seit einer Woche dunkel.",
            "Gerade jetzt im Winter ist der Weg zur Haltestelle dadurch sehr unsicher.",
            "An dem Mast steht die Nummer, die ich unten angegeben habe.",
        ),
    ),
    Matter(
        "Abfall",
        "Tonne nicht geleert",
        2,
        ("Biotonne nicht geleert, {s} {n}", "Gelbe Tonne steht noch voll da", "Abfuhr vergessen"),
        (
            "unsere Tonne wurde beim letzten Termin stehen gelassen, die der Nachbarn nicht.",
            "Sie stand rechtzeitig am Straßenrand und war nicht überfüllt.",
            "Können Sie bitte veranlassen, dass sie nachträglich geleert wird?",
        ),
    ),
    Matter(
        "Abfall",
        "Wilder Müll",
        2,
        ("Wilder Müll am {s}", "Sperrmüll liegt seit Tagen in der {s}", "Altreifen im Graben"),
        (
            "hinter den Glascontainern liegen seit dem Wochenende Matratzen und alte Möbel.",
            "Inzwischen stellen andere ihren Abfall einfach dazu.",
            "Ein Foto kann ich gern nachreichen.",
        ),
    ),
    Matter(
        "Ordnung",
        "Falschparker",
        3,
        ("Zugeparkter Gehweg {s}", "Parken vor der Einfahrt {s} {n}", "Feuerwehrzufahrt blockiert"),
        (
            "jeden Abend stehen mehrere Fahrzeuge so auf dem Gehweg, dass niemand vorbeikommt.",
            "Mit dem Kinderwagen muss man auf die Straße ausweichen.",
            "Ich bitte um regelmäßige Kontrollen, vor allem nach 18 Uhr.",
        ),
    ),
    Matter(
        "Ordnung",
        "Lärm und Ruhestörung",
        3,
        ("Lärm in der Nacht, {s}", "Laubbläser am Sonntag", "Baulärm vor 7 Uhr in der {s}"),
        (
            "seit Wochen wird hier schon vor sieben Uhr mit schwerem Gerät gearbeitet.",
            "Die Bauleitung hat auf meine Bitte leider nicht reagiert.",
            "Bitte teilen Sie mir mit, welche Zeiten genehmigt sind.",
        ),
    ),
    Matter(
        "Grün",
        "Bäume und Parks",
        4,
        ("Morscher Ast über dem Gehweg {s}", "Spielplatz {s}: Schaukel kaputt", "Baum in der {s}"),
        (
            "an der Kastanie hängt seit dem Sturm ein großer gebrochener Ast.",
            "Darunter führt der Schulweg vieler Kinder entlang.",
            "Für eine kurze Rückmeldung, wann jemand kommt, wäre ich dankbar.",
        ),
    ),
)
ANSWERS = (
    (
        "vielen Dank für Ihre Nachricht. Wir haben die Stelle aufgenommen und die zuständigen "
        "Kolleginnen und Kollegen unterrichtet. Der Schaden wird innerhalb der nächsten zehn "
        "Werktage behoben."
    ),
    (
        "danke für den Hinweis. Bitte teilen Sie uns noch mit, an welcher Hausnummer genau Sie das "
        "beobachtet haben, damit wir gezielt nachsehen können."
    ),
    (
        "wir haben Ihre Angaben geprüft und den Vorgang veranlasst. Sollte sich bis Ende der "
        "kommenden Woche nichts geändert haben, antworten Sie bitte einfach auf diese Nachricht."
    ),
    (
        "für Ihr Anliegen ist leider nicht die Stadt, sondern der Landkreis zuständig. Wir haben "
        "es dorthin weitergeleitet und Ihnen die Anschrift unten angegeben."
    ),
)
REPLIES = (
    (
        "vielen Dank für die schnelle Antwort. Es handelt sich um die Hausnummer {n}, gleich neben "
        "der Einfahrt."
    ),
    "leider hat sich seitdem nichts getan. Können Sie bitte noch einmal nachfragen?",
    "heute war jemand da, jetzt ist alles in Ordnung. Herzlichen Dank!",
)
NOTES = (
    "Mit dem Bauhof telefoniert: wird in der nächsten Tour mitgenommen.",
    "Bürger hat zusätzlich angerufen, ist sehr freundlich, bittet um Rückruf am Vormittag.",
    "Vor Ort angesehen, Fotos liegen im Laufwerk des Teams.",
)


def person(chance: Random) -> str:
    """Return a full name."""
    return f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"


def place(chance: Random) -> tuple[str, int]:
    """Return a street and a house number."""
    return chance.choice(STREETS), chance.randrange(1, 120)


def letter(name: str, where: str, sentences: tuple[str, ...], chance: Random) -> str:
    """Return a citizen's mail of some five hundred characters."""
    body = " ".join(chance.sample(sentences, k=len(sentences)))
    return (
        f"Sehr geehrte Damen und Herren,\n\n{body}\n\nEs geht um die Stelle {where}. Ich wohne "
        f"schon viele Jahre hier und habe so etwas bisher selten erlebt. Unter der bekannten "
        f"Nummer bin ich vormittags erreichbar.\n\nMit freundlichen Grüßen\n{name}"
    )


def answer(name: str, agent: str, chance: Random) -> str:
    """Return an agent's answer."""
    return f"Guten Tag {name},\n\n{chance.choice(ANSWERS)}\n\nFreundliche Grüße\n{agent}"


def reply(name: str, number: int, chance: Random) -> str:
    """Return what a citizen writes back."""
    return f"Guten Tag,\n\n{chance.choice(REPLIES).format(n=number)}\n\nViele Grüße\n{name}"
