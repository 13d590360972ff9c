"""Addresses of the desk."""

from django.urls import include, path, register_converter

from helpdesk.desk.knowledge import picking
from helpdesk.desk.views import (
    app,
    aside,
    bulk,
    bulk_answer,
    calls,
    citizens,
    combining,
    commands,
    compose,
    drafting,
    extending,
    finishing,
    followers,
    forwarding,
    go,
    lists,
    merging,
    messages,
    notices,
    panel,
    parting,
    pictures,
    places,
    printing,
    properties,
    referring,
    requesters,
    saved,
    search,
    spam,
    tags,
    ticket,
    trash,
    undelivered,
)


class TicketNumber:
    """The staff's number in an address: a year and six digits."""

    regex = r"\d{4}-\d{6,9}"

    def to_python(self, value: str) -> str:
        """Take it as it stands."""
        return value

    def to_url(self, value: str) -> str:
        """Write it as it stands."""
        return value


class Places:
    """Where a file stands in mails inside mails: a position for each level."""

    regex = r"\d{1,4}(?:-\d{1,4}){0,9}"

    def to_python(self, value: str) -> str:
        """Take it as it stands."""
        return value

    def to_url(self, value: str) -> str:
        """Write it as it stands."""
        return value


class DraftKindName:
    """The kind of draft in an address."""

    regex = "answer|note|forward|call"

    def to_python(self, value: str) -> str:
        """Take it as it stands."""
        return value

    def to_url(self, value: str) -> str:
        """Write it as it stands."""
        return value


register_converter(TicketNumber, "number")
register_converter(DraftKindName, "draft")
register_converter(Places, "places")

app_name = "desk"
urlpatterns = [
    path("", lists.home, name="home"),
    path("v/<slug:slug>/", lists.ticket_list, name="list"),
    path("v/<slug:slug>/filter/", lists.filter_page, name="filter"),
    path("v/<slug:slug>/filter/vorschlaege/", lists.filter_suggestions, name="filter_suggest"),
    path("v/<slug:slug>/plan/", places.list_places, name="places"),
    path("v/<slug:slug>/aussehen/", saved.looks, name="looks"),
    path("v/<slug:slug>/speichern/", saved.view_new, name="view_new"),
    path("ansichten/", saved.view_list, name="views"),
    path("ansichten/<int:view_id>/name/", saved.view_rename, name="view_rename"),
    path("ansichten/<int:view_id>/filter/", saved.view_change, name="view_change"),
    path("ansichten/<int:view_id>/platz/", saved.view_move, name="view_move"),
    path("ansichten/<int:view_id>/loeschen/", saved.view_delete, name="view_delete"),
    path("ansichten/<int:view_id>/zurueck/", saved.view_restore, name="view_restore"),
    path("v/<slug:slug>/sammeln/", bulk.start, name="bulk"),
    path("v/<slug:slug>/sammeln/auswahl/", bulk.choose, name="bulk_choose"),
    path("v/<slug:slug>/sammeln/antwort/", bulk_answer.answer, name="bulk_answer"),
    path("sammeln/<int:job_id>/", bulk.job_page, name="bulk_job"),
    path("sammeln/<int:job_id>/zurueck/", bulk.undo, name="bulk_undo"),
    path("row/<int:ticket_id>/", lists.ticket_row, name="row"),
    path("suche/", search.search_page, name="search"),
    path("suche/vorschlaege/", search.suggestions, name="suggest"),
    path("papierkorb/", trash.trash_list, name="trash"),
    path("spam/", spam.spam_list, name="spam"),
    path("spam/kein-spam/", spam.not_spam, name="not_spam"),
    path("spam/<int:raw_id>/", spam.spam_mail, name="spam_mail"),
    path("spam/<int:raw_id>/original/", spam.spam_raw, name="spam_raw"),
    path("naechstes/", go.next_due_ticket, name="next_due"),
    path("app.webmanifest", app.manifest, name="manifest"),
    path("worker.js", app.worker, name="worker"),
    path("offline/", app.offline, name="offline"),
    path("sitzung/", go.session, name="session"),
    path("befehle/", commands.commands, name="commands"),
    path("counts/", lists.counts, name="counts"),
    path("mitteilungen/", notices.notices, name="notices"),
    path("mitteilungen/neu/", notices.panel, name="notices_panel"),
    path("mitteilungen/gelesen/", notices.read_all, name="notices_read"),
    path("t/<number:number>/", ticket.ticket_page, name="ticket"),
    path("t/<number:number>/articles/", ticket.articles, name="articles"),
    path("t/<number:number>/head/", ticket.head, name="head"),
    path("t/<number:number>/panel/", ticket.panel, name="panel"),
    path("t/<number:number>/zusammenfuehren/", merging.merge, name="merge"),
    path("t/<number:number>/verknuepfen/", parting.link, name="link"),
    path("t/<number:number>/verknuepfen/zurueck/<slug:key>/", parting.link_undo, name="link_undo"),
    path("t/<number:number>/abtrennen/<int:article_id>/", parting.split, name="split"),
    path(
        "t/<number:number>/abtrennen/<number:new_number>/zurueck/",
        parting.split_undo,
        name="split_undo",
    ),
    path("t/<number:number>/abgeben/", referring.refer, name="refer"),
    path("t/<number:number>/abgeben/zurueck/", referring.undo, name="refer_undo"),
    path("t/<number:number>/buerger/", requesters.requester, name="requester"),
    path(
        "t/<number:number>/buerger/zurueck/<slug:key>/",
        requesters.requester_undo,
        name="requester_undo",
    ),
    path("t/<number:number>/druck/", printing.paper, name="paper"),
    path("t/<number:number>/erledigt/", finishing.finish, name="finish"),
    path("t/<number:number>/frist/", extending.extend, name="extend"),
    path(
        "t/<number:number>/frist/zurueck/<int:event_id>/",
        extending.extend_undo,
        name="extend_undo",
    ),
    path("t/<number:number>/mitteilen/", followers.followers, name="followers"),
    path("t/<number:number>/aehnlich/", panel.similar, name="similar"),
    path("t/<number:number>/nicht-passend/", aside.aside, name="aside"),
    path("t/<number:number>/umgebung/", places.around, name="around"),
    path("t/<number:number>/verlauf/", panel.history, name="history"),
    path("anordnen/", panel.layout, name="panel_layout"),
    path("t/<number:number>/tags/", tags.suggestions, name="tags"),
    path("t/<number:number>/answer/", compose.send, name="send"),
    path("t/<number:number>/note/", compose.note, name="note"),
    path("t/<number:number>/weiterleiten/", forwarding.forward, name="forward"),
    path("t/<number:number>/telefonat/", forwarding.call_here, name="call_here"),
    path("t/<number:number>/draft/<draft:kind>/", drafting.draft, name="draft"),
    path("t/<number:number>/entwurf/<int:draft_id>/", drafting.take_over, name="draft_take"),
    path("t/<number:number>/dateien/", drafting.enclose, name="enclose"),
    path("t/<number:number>/vorschau/", drafting.preview, name="preview"),
    path("t/<number:number>/modules/", drafting.modules, name="modules"),
    path("t/<number:number>/namen/", drafting.people, name="people"),
    path("t/<number:number>/modules/<int:module_id>/", drafting.module_used, name="module_used"),
    path("t/<number:number>/wissen/", picking.pick, name="knowledge_pick"),
    path("t/<number:number>/wissen/passend/", picking.fit, name="knowledge_fit"),
    path("t/<number:number>/wissen/<int:answer_id>/", picking.used, name="knowledge_used"),
    path("t/<number:number>/change/<slug:what>/", properties.change, name="change"),
    path("t/<number:number>/undo/<slug:key>/", properties.undo, name="change_undo"),
    path("articles/<int:article_id>/withdraw/", compose.withdraw, name="withdraw"),
    path("articles/<int:article_id>/retry/", compose.retry, name="retry"),
    path("articles/<int:article_id>/zustellung/", undelivered.settle, name="settle"),
    path(
        "articles/<int:article_id>/zustellung/zurueck/<slug:key>/",
        undelivered.settle_undo,
        name="settle_undo",
    ),
    path("articles/<int:article_id>/brief/", undelivered.letter, name="letter"),
    path("articles/<int:article_id>/raw/", ticket.raw, name="raw"),
    path("articles/<int:article_id>/formatted/", messages.formatted, name="formatted"),
    path("files/<int:attachment_id>/", ticket.attachment, name="attachment"),
    path("files/<int:attachment_id>/picture/", pictures.picture, name="picture"),
    path("files/<int:attachment_id>/document/", pictures.document, name="document"),
    path("files/<int:attachment_id>/small/", pictures.thumbnail, name="thumbnail"),
    path("files/<int:attachment_id>/message/", messages.message, name="message"),
    path(
        "files/<int:attachment_id>/message/<places:places>/",
        messages.message,
        name="message_inner",
    ),
    path(
        "files/<int:attachment_id>/message/<places:places>/file/",
        messages.message_file,
        name="message_file",
    ),
    path("wissen/", include("helpdesk.desk.knowledge_urls")),
    path("buerger/<int:citizen_id>/", citizens.citizen_page, name="citizen"),
    path("buerger/<int:citizen_id>/aendern/", citizens.citizen_edit, name="citizen_edit"),
    path("buerger/<int:citizen_id>/daten/", citizens.citizen_file, name="citizen_file"),
    path("buerger/<int:citizen_id>/vorsicht/", citizens.citizen_caution, name="citizen_caution"),
    path(
        "buerger/<int:citizen_id>/zurueck/<slug:key>/", citizens.citizen_undo, name="citizen_undo"
    ),
    path("buerger/<int:citizen_id>/zusammenlegen/", combining.combine, name="combine"),
    path(
        "buerger/<int:citizen_id>/zusammenlegen/zurueck/<slug:key>/",
        combining.combine_undo,
        name="combine_undo",
    ),
    path("organisation/<int:organisation_id>/", citizens.organisation_page, name="organisation"),
    path("neu/", calls.new, name="new"),
    path("telefon/", calls.call, name="call"),
    path("telefon/anrufer/", calls.callers, name="call_callers"),
    path("telefon/auswahl/", calls.choices, name="call_choices"),
    path("telefon/thema/", calls.topic, name="call_topic"),
    path("telefon/<int:article_id>/zurueck/", calls.take_back, name="call_take_back"),
    path("verwaltung/", include("helpdesk.desk.settings_urls")),
    path("betrieb/", include("helpdesk.desk.operation_urls")),
]
