"""The requests of Musterstadt, and what its agents have done with them so far."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from helpdesk.tickets.enums import Outcome, Status

JANA, MEHMET, SABINE, ANNA = "jana.petersen", "mehmet.kaya", "sabine.vogt", "anna.berger"
StepKind = Literal["assign", "note", "answer", "status"]


@dataclass(frozen=True, slots=True)
class Step:
    """Something an agent did, so long before now; ``then`` is the status after an answer."""

    kind: StepKind
    by: str
    ago: timedelta
    text: str = ""
    then: Status | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """A mail from a citizen, so long before now, to the team of its topic."""

    ago: timedelta
    name: str
    email: str
    subject: str
    text: str
    topic: str = ""
    team: str = "Bürgerbüro"
    language: str = "de"
    steps: tuple[Step, ...] = ()


def _ago(days: int = 0, hours: int = 0, minutes: int = 0) -> timedelta:
    return timedelta(days=days, hours=hours, minutes=minutes)


REQUESTS = (
    DemoRequest(
        _ago(6, 3),
        "Petra Lindner",
        "petra.lindner@post.example",
        "Biotonne seit zwei Wochen nicht geleert",
        "Guten Tag,\n\nunsere Biotonne in der Gartenstraße 12 wurde jetzt zum zweiten Mal nicht "
        "geleert. Die Nachbarn hatten am selben Tag kein Problem. Können Sie bitte nachsehen?\n\n"
        "Viele Grüße\nPetra Lindner",
        "Tonne nicht geleert",
        steps=(
            Step("assign", SABINE, _ago(5, 6)),
            Step(
                "answer",
                SABINE,
                _ago(5, 5),
                "Guten Tag Frau Lindner,\n\nes tut uns leid, dass Ihre Tonne stehen geblieben ist. "
                "Die Nachleerung ist für übermorgen bestellt. Stellen Sie die Tonne bitte bis "
                "6 Uhr an den Straßenrand.\n\nFreundliche Grüße\nSabine Vogt",
                then=Status.RESOLVED,
                outcome=Outcome.FIXED,
            ),
        ),
    ),
    DemoRequest(
        _ago(5, 1),
        "Jonas Großmann",
        "jonas.grossmann@post.example",
        "Reisepass vor dem Urlaub",
        "Sehr geehrte Damen und Herren,\n\nmein Reisepass läuft im Januar ab, wir fliegen aber "
        "schon "
        "am 20. Dezember. Reicht die Zeit noch für einen neuen, oder brauche ich einen "
        "vorläufigen? Und was muss ich mitbringen?\n\nMit freundlichen Grüßen\nJonas Großmann",
        "Personalausweis und Reisepass",
        steps=(
            Step("assign", JANA, _ago(4, 22)),
            Step(
                "answer",
                JANA,
                _ago(4, 21),
                "Guten Tag Herr Großmann,\n\nein Expresspass ist in drei Werktagen fertig, das "
                "reicht "
                "gut. Wäre Ihnen ein Termin am Donnerstag um 14 Uhr recht?\n\nFreundliche Grüße\n"
                "Jana Petersen",
                then=Status.WAITING_CITIZEN,
            ),
        ),
    ),
    DemoRequest(
        _ago(4, 4),
        "Wohnungsbau Südstadt eG",
        "verwaltung@wohnungsbau-suedstadt.example",
        "Drei Laternen im Ahornweg dunkel",
        "Hallo,\n\nim Ahornweg zwischen Nr. 3 und Nr. 15 sind drei Straßenlaternen ausgefallen. "
        "Unsere "
        "älteren Mieter trauen sich abends kaum noch vor die Tür. Wann ist mit einer Reparatur zu "
        "rechnen?\n\nK. Hoffmann, Hausverwaltung",
        "Straßenbeleuchtung",
        steps=(
            Step("assign", MEHMET, _ago(4, 1)),
            Step(
                "note",
                MEHMET,
                _ago(3, 23),
                "Mit den Stadtwerken telefoniert: Kabelfehler, Tiefbau nötig. Sie melden sich mit "
                "einem Termin.",
            ),
            Step("status", MEHMET, _ago(3, 23), then=Status.WAITING_THIRD),
        ),
    ),
    DemoRequest(
        _ago(3, 2),
        "Dieter Krause",
        "d.krause@post.example",
        "Gehwegplatten hochgedrückt, Sturzgefahr",
        "Guten Tag,\n\nvor der Sparkasse am Marktplatz haben Baumwurzeln die Gehwegplatten "
        "hochgedrückt. "
        "Gestern ist dort eine ältere Dame gestürzt. Bitte sichern Sie die Stelle.\n\nD. Krause",
        "Schlagloch und Gehwegschaden",
        steps=(
            Step("assign", MEHMET, _ago(2, 23)),
            Step(
                "note",
                MEHMET,
                _ago(2, 22),
                "Absperrbake steht. Bauhof plant für nächste Woche ein.",
            ),
            Step(
                "answer",
                MEHMET,
                _ago(2, 22),
                "Guten Tag Herr Krause,\n\ndanke für den Hinweis. Die Stelle ist seit heute Mittag "
                "abgesperrt, in der kommenden Woche werden die Platten neu verlegt.\n\n"
                "Freundliche Grüße\nMehmet Kaya",
            ),
        ),
    ),
    DemoRequest(
        _ago(2, 7),
        "Svenja Albrecht",
        "svenja.albrecht@post.example",
        "Fahrrad gefunden",
        "Hallo,\n\nseit einer Woche liegt ein blaues Damenrad in unserer Einfahrt (Bergstraße "
        "4). Es ist "
        "nicht abgeschlossen. Was soll ich damit tun?\n\nLiebe Grüße\nSvenja Albrecht",
        "Fundsachen",
    ),
    DemoRequest(
        _ago(2, 1),
        "Emily Carter",
        "emily.carter@post.example",
        "Registering my new address",
        "Hello,\n\nI moved to Musterstadt last week and would like to register my new address. "
        "Which "
        "documents do I need, and can I do it in English?\n\nBest regards\nEmily Carter",
        "Wohnsitz an- und ummelden",
        language="en",
        steps=(Step("assign", JANA, _ago(1, 22)),),
    ),
    DemoRequest(
        _ago(1, 20),
        "Familie Özdemir",
        "familie.oezdemir@post.example",
        "Sperrmüll: Sofa und zwei Schränke",
        "Guten Tag,\n\nwir möchten Sperrmüll anmelden: ein Sofa, zwei Kleiderschränke und ein "
        "Bettgestell, "
        "Schillerstraße 31, 2. Stock. Wann können Sie kommen?\n\nVielen Dank",
        "Sperrmüll",
        steps=(
            Step("assign", SABINE, _ago(1, 4)),
            Step(
                "answer",
                SABINE,
                _ago(1, 3),
                "Guten Tag Familie Özdemir,\n\nwir können am kommenden Dienstag kommen. Stellen "
                "Sie die "
                "Möbel bitte am Vorabend bereit.\n\nFreundliche Grüße\nSabine Vogt",
                then=Status.RESOLVED,
                outcome=Outcome.ANSWERED,
            ),
        ),
    ),
    DemoRequest(
        _ago(1, 6),
        "Martin Seidel",
        "m.seidel@post.example",
        "Feuerwehrzufahrt ständig zugeparkt",
        "Sehr geehrte Damen und Herren,\n\ndie Feuerwehrzufahrt in der Mühlgasse ist jeden Abend "
        "zugeparkt. Im Ernstfall käme niemand durch. Ich bitte um Kontrollen nach 18 Uhr.\n\n"
        "Martin Seidel",
        "Falschparker",
        steps=(Step("assign", SABINE, _ago(1, 2)),),
    ),
    DemoRequest(
        _ago(0, 22),
        "Ingrid Baumann",
        "ingrid.baumann@post.example",
        "Führungszeugnis fürs Ehrenamt",
        "Guten Tag,\n\nich möchte ehrenamtlich in der Kita vorlesen und brauche ein erweitertes "
        "Führungszeugnis. Kostet das etwas, und muss ich dafür vorbeikommen?\n\nIngrid Baumann",
        "Führungszeugnis",
    ),
    DemoRequest(
        _ago(0, 19),
        "Kevin Brandt",
        "kevin.brandt@post.example",
        "Laute Musik aus der Unterführung",
        "Hallo, jede Nacht ab 23 Uhr dröhnt Musik aus der Bahnunterführung Nordstraße. Wir haben "
        "zwei "
        "kleine Kinder. Bitte tun Sie etwas!\n\nK. Brandt",
        "Lärm und Ruhestörung",
        steps=(
            Step("assign", JANA, _ago(0, 5)),
            Step("note", JANA, _ago(0, 5), "Streife ist informiert, Rückmeldung bis Freitag."),
        ),
    ),
    DemoRequest(
        _ago(0, 6),
        "Petra Lindner",
        "petra.lindner@post.example",
        "Schlagloch Lindenstraße 14",
        "Guten Tag,\n\nvor der Lindenstraße 14 ist seit zwei Wochen ein tiefes Schlagloch, etwa "
        "40 cm "
        "breit. Gestern ist ein Radfahrer beinahe gestürzt.\n\nViele Grüße\nPetra Lindner",
        "Schlagloch und Gehwegschaden",
    ),
    DemoRequest(
        _ago(0, 4, 20),
        "Grundschule am Park",
        "sekretariat@grundschule-am-park.example",
        "Ampel vor der Schule ausgefallen",
        "Guten Morgen,\n\ndie Fußgängerampel direkt vor unserer Schule ist seit heute früh aus. "
        "Wir haben "
        "Eltern als Lotsen gebeten, das geht aber nur heute. Bitte dringend prüfen.\n\n"
        "Das Sekretariat",
        "Ampel und Verkehrszeichen",
    ),
    DemoRequest(
        _ago(0, 3),
        "Renate Schuster",
        "renate.schuster@post.example",
        "Müllsäcke am Waldparkplatz",
        "Guten Tag,\n\nam Waldparkplatz Süd liegen rund zehn blaue Müllsäcke und ein alter "
        "Kühlschrank. "
        "Das lag letzten Sonntag noch nicht da.\n\nRenate Schuster",
        "Wilder Müll",
    ),
    DemoRequest(
        _ago(0, 1, 30),
        "Paul Neumann",
        "paul.neumann@post.example",
        "Öffnungszeiten zwischen den Jahren",
        "Hallo,\n\nhat das Bürgerbüro zwischen Weihnachten und Neujahr geöffnet? Ich müsste meinen "
        "Ausweis abholen.\n\nDanke und Gruß\nPaul Neumann",
    ),
    DemoRequest(
        _ago(0, 0, 25),
        "Hatice Demir",
        "hatice.demir@post.example",
        "Personalausweis verloren",
        "Guten Tag,\n\nich habe gestern meinen Personalausweis verloren, vermutlich im Bus. Muss "
        "ich das "
        "melden, und wie bekomme ich schnell einen neuen?\n\nMit freundlichen Grüßen\nHatice Demir",
        "Personalausweis und Reisepass",
    ),
)
