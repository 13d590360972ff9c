"""Who enforces accessibility in which Land, as a beginning for the statement.

Law and addresses differ by Land and change. So this only fills the field of a town that has
not written its own yet; what is published is what its administrators have read and saved.
"""

from collections.abc import Mapping

# ISO 3166-2 code of the Land → name and ways to reach it, line by line.
BODIES: Mapping[str, str] = {
    "BW": """Schlichtungsstelle beim Landeszentrum Barrierefreiheit Baden-Württemberg
Else-Josenhans-Straße 6, 70173 Stuttgart
https://barrierefreiheit-bw.de""",
    "BY": """Durchsetzungs- und Überwachungsstelle für barrierefreie Informationstechnik
beim Landesamt für Digitalisierung, Breitband und Vermessung
St.-Martin-Straße 47, 81541 München
bitv@bayern.de""",
    "BE": """Landesbeauftragte für digitale Barrierefreiheit, Senatskanzlei Berlin
landesbeauftragte-digitale-barrierefreiheit@senatskanzlei.berlin.de""",
    "BB": """Durchsetzungsstelle für digitale Barrierefreiheit bei der Beauftragten der
Landesregierung für die Belange der Menschen mit Behinderungen
Henning-von-Tresckow-Straße 2-13, 14467 Potsdam
durchsetzung.BIT@msgiv.brandenburg.de""",
    "HB": """Schlichtungsstelle beim Landesbehindertenbeauftragten der Freien Hansestadt Bremen
schlichtungsstelle@lbb.bremen.de""",
    "HH": """Schlichtungsstelle nach dem Hamburgischen Behindertengleichstellungsgesetz
schlichtungsstelle-hmbbgg@soziales.hamburg.de""",
    "HE": """Durchsetzungs- und Überwachungsstelle Barrierefreie Informationstechnik
beim Regierungspräsidium Gießen
Durchsetzungsstelle-LBIT@rpgi.hessen.de
https://lbit.hessen.de""",
    "MV": """Überwachungsstelle für barrierefreie Informationstechnik beim Sozialministerium
Mecklenburg-Vorpommern
ueberwachungsstelle@sm.mv-regierung.de""",
    "NI": """Schlichtungsstelle bei der Landesbeauftragten für Menschen mit Behinderungen
schlichtungsstelle@ms.niedersachsen.de""",
    "NW": """Ombudsstelle für barrierefreie Informationstechnik bei der Beauftragten der
Landesregierung für Menschen mit Behinderung
ombudsstelle-barrierefreie-it@mags.nrw.de
https://www.lbbp.nrw.de/ombudsstelle""",
    "RP": """Durchsetzungsstelle bei der Landesbeauftragten für die Belange von Menschen mit
Behinderungen Rheinland-Pfalz
durchsetzungsstelle@mastd.rlp.de""",
    "SL": """Schlichtungsstelle beim Ministerium für Arbeit, Soziales, Frauen und Gesundheit
inklusion@soziales.saarland.de""",
    "SN": """Durchsetzungsstelle beim Beauftragten der Sächsischen Staatsregierung für die Belange
von Menschen mit Behinderungen
Archivstraße 1, 01097 Dresden
durchsetzungsstelle@sk.sachsen.de""",
    "ST": """Ombudsstelle bei der Landesfachstelle für Barrierefreiheit Sachsen-Anhalt
ombudsstelle@ukst.de
https://lf-barrierefreiheit-st.de/ueber-uns/ombudsstelle""",
    "SH": """Beschwerdestelle für barrierefreie Informationstechnik bei der Landesbeauftragten
für Menschen mit Behinderung
Karolinenweg 1, 24105 Kiel
bbit@landtag.ltsh.de""",
    "TH": """Durchsetzungsstelle beim Thüringer Landesbeauftragten für Menschen mit Behinderungen
kontakt@tlmb.thueringen.de""",
}
# Where no Land is known: the body that arbitrates for authorities of the federation.
FEDERAL = """Schlichtungsstelle nach § 16 Behindertengleichstellungsgesetz
info@schlichtungsstelle-bgg.de
https://www.schlichtungsstelle-bgg.de"""


def body_of(land: str) -> str:
    """Return the body of a Land ("BY"), else that of the federation."""
    return BODIES.get(land, FEDERAL)
