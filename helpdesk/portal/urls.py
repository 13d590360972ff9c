"""Addresses of the portal."""

from django.urls import path

from helpdesk.portal.report.views import files, preview, send, steps
from helpdesk.portal.views import home, status

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("language/<str:code>/", home.language, name="language"),
    path("s/<str:token>/", status.status_page, name="status"),
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
