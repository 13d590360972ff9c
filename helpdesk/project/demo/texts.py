"""The text modules of Musterstadt, with their placeholders."""

from dataclasses import dataclass

from helpdesk.project.demo.town import CITIZENS, ORDER, ROADS, WASTE


@dataclass(frozen=True, slots=True)
class DemoText:
    """A text module; without a team it is for everybody."""

    title: str
    keywords: str
    german: str
    english: str = ""
    team: str = ""


TEXTS = (
    DemoText(
        "Eingang bestätigen",
        "danke erhalten bearbeitung",
        "{{buerger.anrede}},\n\nvielen Dank für Ihre Nachricht. Wir haben Ihr Anliegen "
        "{{anliegen.nummer}} aufgenommen und kümmern uns darum. Sobald es etwas Neues gibt, "
        "schreiben wir Ihnen.\n\nFreundliche Grüße\n{{mitarbeiter.name}}\n{{team.name}}",
        "{{buerger.anrede}},\n\nthank you for your message. Your request {{anliegen.nummer}} has "
        "been recorded and we are looking into it. We will write to you as soon as there is "
        "news.\n\nKind regards\n{{mitarbeiter.name}}\n{{team.name}}",
    ),
    DemoText(
        "Rückfrage stellen",
        "angaben fehlen nachfrage",
        "{{buerger.anrede}},\n\num Ihnen helfen zu können, brauchen wir noch eine Angabe von "
        "Ihnen:\n\n- \n\nAntworten Sie einfach auf diese E-Mail.\n\nFreundliche Grüße\n"
        "{{mitarbeiter.name}}",
        "{{buerger.anrede}},\n\nto be able to help you we need one more detail:\n\n- \n\nSimply "
        "reply to this e-mail.\n\nKind regards\n{{mitarbeiter.name}}",
    ),
    DemoText(
        "Erledigt",
        "abschluss fertig behoben",
        "{{buerger.anrede}},\n\nIhr Anliegen {{anliegen.nummer}} ist erledigt. Sollte doch noch "
        "etwas offen sein, antworten Sie auf diese E-Mail; dann öffnen wir es wieder.\n\n"
        "Freundliche Grüße\n{{mitarbeiter.name}}",
        "{{buerger.anrede}},\n\nyour request {{anliegen.nummer}} is settled. If anything is still "
        "open, reply to this e-mail and we will take it up again.\n\nKind regards\n"
        "{{mitarbeiter.name}}",
    ),
    DemoText(
        "Nicht zuständig",
        "weiterleitung andere behörde",
        "{{buerger.anrede}},\n\nfür Ihr Anliegen ist nicht die {{behoerde.name}} zuständig, "
        "sondern "
        "\n\n- \n\nDort hilft man Ihnen weiter. Wir schließen den Vorgang bei uns ab.\n\n"
        "Freundliche Grüße\n{{mitarbeiter.name}}",
        "{{buerger.anrede}},\n\nyour request is not a matter for {{behoerde.name}} but for\n\n- "
        "\n\n"
        "They will be able to help you. We are closing the case on our side.\n\nKind regards\n"
        "{{mitarbeiter.name}}",
    ),
    DemoText(
        "Termin vorschlagen",
        "uhrzeit vorsprache",
        "{{buerger.anrede}},\n\nwir haben am {{termin}} einen Termin für Sie frei. Passt Ihnen "
        "das? "
        "Antworten Sie kurz auf diese E-Mail. Bringen Sie bitte ein Ausweisdokument mit.\n\n"
        "{{behoerde.anschrift}}\n\nFreundliche Grüße\n{{mitarbeiter.name}}",
        "{{buerger.anrede}},\n\nwe can offer you an appointment on {{termin}}. Does that suit you? "
        "Please reply briefly to this e-mail, and bring an identity document.\n\n"
        "{{behoerde.anschrift}}\n\nKind regards\n{{mitarbeiter.name}}",
    ),
    DemoText(
        "Personalausweis: Unterlagen",
        "perso mitbringen foto gebühr",
        "{{buerger.anrede}},\n\nfür einen neuen Personalausweis bringen Sie bitte mit:\n\n- den "
        "alten "
        "Ausweis oder den Reisepass\n- ein digitales Lichtbild, das höchstens ein Jahr alt ist\n"
        "- die Gebühr von {{betrag}} Euro\n\nDie Herstellung dauert etwa drei Wochen.\n\n"
        "Freundliche Grüße\n{{mitarbeiter.name}}",
        team=CITIZENS,
    ),
    DemoText(
        "Ummeldung: Unterlagen",
        "umzug wohnungsgeberbestätigung",
        "{{buerger.anrede}},\n\nbitte melden Sie sich innerhalb von zwei Wochen nach dem Einzug "
        "um. "
        "Sie brauchen Ihren Ausweis und die Bestätigung Ihrer Vermieterin oder Ihres Vermieters. "
        "Einen Termin können Sie hier per Antwort vereinbaren.\n\nFreundliche Grüße\n"
        "{{mitarbeiter.name}}",
        team=CITIZENS,
    ),
    DemoText(
        "Straßenschaden: aufgenommen",
        "schlagloch gehweg loch",
        "{{buerger.anrede}},\n\nvielen Dank für den Hinweis. Unsere Straßenkontrolle sieht sich "
        "die "
        "Stelle bis {{frist}} an und sichert sie, falls nötig, sofort ab.\n\nFreundliche Grüße\n"
        "{{mitarbeiter.name}}\n{{team.name}}",
        team=ROADS,
    ),
    DemoText(
        "Straßenlaterne: Auftrag erteilt",
        "licht beleuchtung defekt",
        "{{buerger.anrede}},\n\nwir haben die Stadtwerke beauftragt, die Laterne instand zu "
        "setzen. "
        "Das ist meist bis {{frist}} geschehen. Danke, dass Sie uns Bescheid gegeben haben.\n\n"
        "Freundliche Grüße\n{{mitarbeiter.name}}",
        team=ROADS,
    ),
    DemoText(
        "Tonne: Nachleerung",
        "müllabfuhr biotonne restmüll",
        "{{buerger.anrede}},\n\nes tut uns leid, dass Ihre Tonne stehen geblieben ist. Die "
        "Nachleerung ist für {{termin}} bestellt. Stellen Sie die Tonne bitte bis 6 Uhr an den "
        "Straßenrand.\n\nFreundliche Grüße\n{{mitarbeiter.name}}",
        team=WASTE,
    ),
    DemoText(
        "Sperrmüll: Anmeldung",
        "abholung möbel karte",
        "{{buerger.anrede}},\n\nwir holen Ihren Sperrmüll am {{termin}} ab. Stellen Sie ihn "
        "bitte am "
        "Vorabend gut sichtbar bereit. Elektrogeräte und Schadstoffe nehmen wir dabei nicht "
        "mit.\n\nFreundliche Grüße\n{{mitarbeiter.name}}",
        team=WASTE,
    ),
    DemoText(
        "Falschparker: Hinweis",
        "parken anzeige zuparken",
        "{{buerger.anrede}},\n\nwir kontrollieren die Stelle in den nächsten Tagen verstärkt. Zu "
        "einzelnen Verfahren dürfen wir aus Gründen des Datenschutzes keine Auskunft geben.\n\n"
        "Freundliche Grüße\n{{mitarbeiter.name}}",
        team=ORDER,
    ),
)
