"""Addresses of the portal."""

from django.urls import path

from helpdesk.portal.report.views import files, preview, send, steps
from helpdesk.portal.views import home, knowledge, legal, lookup, requester, search, status

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("language/<str:code>/", home.language, name="language"),
    path("impressum/", legal.legal, {"kind": "imprint"}, name="imprint"),
    path("datenschutz/", legal.legal, {"kind": "privacy"}, name="privacy"),
    path("kontakt/", legal.legal, {"kind": "contact"}, name="contact"),
    path("status/", lookup.lookup, name="lookup"),
    path("status/gesendet/", lookup.lookup_sent, name="lookup_sent"),
    path("status/code/", lookup.by_code, name="lookup_code"),
    path("suche", search.search_page, name="search"),
    path("suche/vorschlaege/", search.suggestions, name="suggestions"),
    path("suche/liste/", search.search_list, name="search_list"),
    path("wissen/", knowledge.overview, name="knowledge"),
    path("wissen/<slug:slug>/", knowledge.section, name="section"),
    path("w/<int:answer_id>", knowledge.short, name="answer_short"),
    path("w/<int:answer_id>/hilfreich/", knowledge.feedback, name="feedback"),
    path("w/hilfreich/<str:token>/", knowledge.feedback_reason, name="feedback_reason"),
    path("w/datei/<int:file_id>/", knowledge.file, name="answer_file"),
    path("w/<int:answer_id>/vorschau/", knowledge.preview, name="preview"),
    path("w/<int:answer_id>/vorschau/<slug:part>/", knowledge.preview, name="preview_language"),
    path("w/<int:answer_id>-<slug:slug>/", knowledge.answer, name="answer"),
    path("w/<int:answer_id>-<slug:slug>/<slug:part>/", knowledge.answer, name="answer_language"),
    path("s/<str:token>/", status.status_page, name="status"),
    path("s/<str:token>/oeffnen/", status.open_request, name="open"),
    path("s/<str:token>/schliessen/", status.close_request, name="close"),
    path("s/<str:token>/drucken/", status.print_view, name="print"),
    path("s/<str:token>/dateien/<int:attachment_id>/", status.attachment, name="attachment"),
    path("s/<str:token>/antworten/", requester.reply, name="reply"),
    path("s/<str:token>/zurueckziehen/", requester.withdraw, name="withdraw"),
    path("s/<str:token>/wieder-oeffnen/", requester.reopen, name="reopen"),
    path("s/<str:token>/bewerten/", requester.rate, name="rate"),
    path("s/<str:token>/neuer-link/", requester.renew, name="renew"),
    path("melden/", steps.describe, name="report"),
    path("melden/thema/", steps.topic, name="report_topic"),
    path("melden/thema/alle/", steps.all_topics, name="report_topics"),
    path("melden/thema/<int:topic_id>/", steps.describe_topic, name="report_of_topic"),
    path("melden/frage/<slug:key>/", steps.question, name="report_question"),
    path("melden/ort/", steps.place, name="report_place"),
    path("melden/fotos/", files.photos, name="report_photos"),
    path("melden/fotos/<int:file_id>/", files.picture, name="report_picture"),
    path("melden/kontakt/", steps.contact, name="report_contact"),
    path("melden/pruefen/", send.check, name="report_check"),
    path("melden/angekommen/", send.done, name="report_done"),
    path("melden/neu/", steps.restart, name="report_restart"),
    path("melden/vorschau/<int:topic_id>/", preview.preview, name="report_preview"),
]
