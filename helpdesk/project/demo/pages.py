"""What Musterstadt says of itself in its portal."""

from datetime import timedelta

from django.utils import timezone

from helpdesk.agents.models import Authority, User
from helpdesk.pages.domain.notices import NoticeDetails, save_notice
from helpdesk.pages.domain.places import PlaceDetails, write_places
from helpdesk.pages.domain.statement import (
    BarrierDetails,
    StatementDetails,
    save_barrier,
    write_statement,
)
from helpdesk.pages.domain.texts import write_legal_text
from helpdesk.pages.domain.variants import VariantDetails, write_variant
from helpdesk.pages.enforcement import FEDERAL
from helpdesk.pages.enums import Conformance, Method, Page, Reason, TextKind

IMPRINT = {
    "de": """
<p>Angaben nach § 5 Digitale-Dienste-Gesetz. Musterstadt ist erfunden; diese Seite zeigt, wie ein
Impressum aussehen kann.</p>
<h2>Anbieter</h2>
<p>Stadt Musterstadt<br>Marktplatz 1<br>12345 Musterstadt</p>
<p>Telefon: 0123 456-0<br>E-Mail:
<a href="mailto:info@musterstadt.example">info@musterstadt.example</a></p>
<p>Die Stadt Musterstadt ist eine Körperschaft des öffentlichen Rechts. Sie wird vertreten durch
Bürgermeisterin Erika Mustermann.</p>
<h2>Zuständige Aufsicht</h2>
<p>Landratsamt Musterland, Schlossallee 2, 12340 Kreisstadt</p>
<h2>Umsatzsteuer</h2>
<p>Umsatzsteuer-Identifikationsnummer: DE 000000000</p>
<h2>Redaktion</h2>
<p>Bürgerbüro der Stadt Musterstadt, Anschrift wie oben</p>
""",
    "en": """
<p>Information under section 5 of the German Digital Services Act. Musterstadt is invented; this
page shows what an imprint may look like.</p>
<h2>Provider</h2>
<p>Stadt Musterstadt<br>Marktplatz 1<br>12345 Musterstadt, Germany</p>
<p>Phone: +49 123 456-0<br>E-mail:
<a href="mailto:info@musterstadt.example">info@musterstadt.example</a></p>
<p>The town of Musterstadt is a corporation under public law. It is represented by its mayor,
Erika Mustermann.</p>
<h2>Supervision</h2>
<p>Landratsamt Musterland, Schlossallee 2, 12340 Kreisstadt</p>
""",
}
PRIVACY = {
    "de": """
<p>So gehen wir mit dem um, was Sie uns hier mitteilen.</p>
<h2>Wer ist verantwortlich?</h2>
<p>Stadt Musterstadt, Marktplatz 1, 12345 Musterstadt. Unseren Datenschutzbeauftragten erreichen Sie
unter <a href="mailto:datenschutz@musterstadt.example">datenschutz@musterstadt.example</a>.</p>
<h2>Was wir verarbeiten und wozu</h2>
<p>Ihr Anliegen, die Dateien dazu und, wenn Sie es angeben, Ihren Namen und wie wir Sie erreichen.
Wir brauchen es, um Ihr Anliegen zu bearbeiten und Ihnen zu antworten (Artikel 6 Absatz 1
Buchstabe e DSGVO in Verbindung mit unserem Landesdatenschutzgesetz).</p>
<h2>Cookies und andere Seiten</h2>
<p>Wir setzen nur Cookies, ohne die das Formular nicht funktioniert: für Ihren Entwurf, für die
gewählte Sprache und zum Schutz vor gefälschten Formularen. Wir beobachten nicht, was Sie
lesen, und laden nichts von anderen Servern.</p>
<h2>Wie lange wir etwas behalten</h2>
<ul>
<li>Einen Entwurf, den Sie nicht absenden: 24 Stunden.</li>
<li>Ihr Anliegen: so lange, wie wir es für die Bearbeitung und nach den
Aufbewahrungsfristen brauchen.</li>
</ul>
<h2>Ihre Rechte</h2>
<p>Sie können Auskunft, Berichtigung, Löschung oder Einschränkung verlangen und der Verarbeitung
widersprechen. Sie können sich bei der Landesbeauftragten für den Datenschutz beschweren.</p>
""",
    "en": """
<p>This is how we treat what you tell us here.</p>
<h2>Who is responsible?</h2>
<p>Stadt Musterstadt, Marktplatz 1, 12345 Musterstadt. Our data protection officer is reached at
<a href="mailto:datenschutz@musterstadt.example">datenschutz@musterstadt.example</a>.</p>
<h2>What we process, and what for</h2>
<p>Your request, its files and, if you give them, your name and how we reach you. We need them to
deal with your request and to answer you (Article 6 (1) (e) GDPR).</p>
<h2>Cookies and other sites</h2>
<p>We set only cookies without which the form would not work: for your draft, for the language you
chose, and against forged forms. We do not watch what you read, and we load nothing from other
servers.</p>
<h2>Your rights</h2>
<p>You can ask for access, correction, erasure or restriction, and object to the processing. You can
complain to the data protection authority of the Land.</p>
""",
}
CONTACT = {
    "de": """
<h2>Öffnungszeiten</h2>
<ul>
<li>Montag bis Freitag: 8 bis 12 Uhr</li>
<li>Donnerstag auch: 14 bis 18 Uhr</li>
</ul>
<h2>Behördennummer</h2>
<p>Unter <a href="tel:115">115</a> erreichen Sie uns montags bis freitags von 8 bis 18 Uhr, auch in
Gebärdensprache.</p>
""",
    "en": """
<h2>Opening hours</h2>
<ul>
<li>Monday to Friday: 8 am to noon</li>
<li>Thursday also: 2 to 6 pm</li>
</ul>
<h2>Public service number</h2>
<p>Phone <a href="tel:115">115</a> from Monday to Friday, 8 am to 6 pm.</p>
""",
}
SIMPLE_HOME = """
<p>Sie sind auf der Seite von Musterstadt.<br>Hier können Sie der Stadt schreiben.</p>
<h2>Was Sie hier machen können</h2>
<ul>
<li><strong>Anliegen melden.</strong> Zum Beispiel: Eine Lampe ist kaputt.</li>
<li><strong>Antworten finden.</strong> Zum Beispiel: Was kostet ein Ausweis?</li>
<li><strong>Nach-sehen.</strong> Sie sehen: Was macht die Stadt mit Ihrer Meldung?</li>
</ul>
<h2>So melden Sie etwas</h2>
<ol>
<li>Klicken Sie auf: <strong>Anliegen melden</strong>.</li>
<li>Schreiben Sie: Was ist los?</li>
<li>Schreiben Sie: Wo ist es?</li>
<li>Schreiben Sie: Wie erreichen wir Sie?</li>
<li>Klicken Sie auf: <strong>Anliegen senden</strong>.</li>
</ol>
<p>Sie brauchen kein Konto.<br>Sie müssen Ihren Namen nicht sagen.</p>
<h2>Brauchen Sie Hilfe?</h2>
<p>Sie können uns auch anrufen.<br>Die Telefon-Nummer ist: 0123 456-0</p>
"""
SIMPLE_STATEMENT = """
<p>Alle Menschen sollen diese Seite benutzen können.<br>Auch Menschen mit Behinderungen.</p>
<h2>Das geht noch nicht gut</h2>
<p>Manche alten Merk-Blätter sind nur Bilder.<br>Ein Computer kann sie nicht vorlesen.</p>
<p>Rufen Sie uns an.<br>Dann lesen wir Ihnen das Blatt vor.</p>
<h2>Haben Sie ein Problem gefunden?</h2>
<p>Bitte sagen Sie es uns.<br>Klicken Sie unten auf: <strong>Barriere melden</strong>.<br>
Wir antworten in einem Monat.</p>
"""
VARIANTS = {
    Page.HOME: VariantDetails(
        simple=SIMPLE_HOME,
        video_url="https://www.musterstadt.example/gebaerdensprache",
        video_length="2:30 Minuten",
    ),
    Page.ACCESSIBILITY: VariantDetails(simple=SIMPLE_STATEMENT),
}
BARRIER = BarrierDetails(
    what="Ältere Merkblätter sind eingescannte Bilder ohne Text.",
    what_en="Older leaflets are scanned pictures without text.",
    reason=Reason.NOT_YET,
    alternative="Rufen Sie uns an: Wir lesen Ihnen vor, was Sie brauchen, oder senden es als Text.",
    alternative_en="Phone us: we read to you what you need, or send it as text.",
)
NOTICE = "Die Bachstraße ist wegen Bauarbeiten gesperrt. Die Müllabfuhr kommt einen Tag später."
NOTICE_EN = "Bachstraße is closed for construction. Waste is collected there one day later."
STREETS = """Ahornweg
Bachstraße
Bahnhofstraße
Bergstraße
Birkenweg
Bismarckstraße
Eichenweg
Erlenweg
Fliederweg
Friedhofsweg
Gartenstraße
Goethestraße
Hafenstraße
Hauptstraße
Industriestraße
Kirchplatz
Lerchenweg
Lindenstraße
Marktplatz
Nordstraße
Parkstraße
Ringstraße
Rosenstraße
Schillerstraße
Schulstraße; Altdorf
Schulstraße; Mitte
Tulpenweg
Turmstraße
Uferweg
Werderstraße"""
OUTSIDE = """Nachbarstadt; Stadt Nachbarstadt, Telefon 01234 567-0
Autobahn; Die Autobahn GmbH des Bundes
A 9; Die Autobahn GmbH des Bundes"""
PLACES = PlaceDetails(streets=STREETS, outside=OUTSIDE)
TEXTS = {TextKind.IMPRINT: IMPRINT, TextKind.PRIVACY: PRIVACY, TextKind.CONTACT: CONTACT}


def build_pages(authority: Authority, user: User) -> None:
    """Write what the law demands, as an administrator would."""
    for kind, bodies in TEXTS.items():
        write_legal_text(authority_id=authority.pk, kind=kind, bodies=bodies, user=user)
    for page, details in VARIANTS.items():
        write_variant(authority_id=authority.pk, page=page, details=details, user=user)
    write_places(authority_id=authority.pk, details=PLACES, user=user)
    begins = timezone.now() - timedelta(days=1)
    notice = NoticeDetails(NOTICE, begins, begins + timedelta(days=300), NOTICE_EN)
    save_notice(authority_id=authority.pk, notice_id=None, details=notice, user=user)
    write_statement(authority_id=authority.pk, details=_statement(), user=user)
    save_barrier(authority_id=authority.pk, barrier_id=None, details=BARRIER, user=user)


def _statement() -> StatementDetails:
    return StatementDetails(
        conformance=Conformance.PARTLY,
        method=Method.SELF,
        assessed_on=timezone.localdate() - timedelta(days=40),
        assessed_by="Bürgerbüro",
        email="barrierefrei@musterstadt.example",
        phone="0123 456-0",
        enforcement=FEDERAL,
    )
