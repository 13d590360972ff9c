"""Addresses of the portal."""

from django.urls import path

from helpdesk.portal.views import home, knowledge, status

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("language/<str:code>/", home.language, name="language"),
    path("wissen/", knowledge.overview, name="knowledge"),
    path("wissen/<slug:slug>/", knowledge.section, name="section"),
    path("w/<int:answer_id>", knowledge.short, name="answer_short"),
    path("w/<int:answer_id>/hilfreich/", knowledge.feedback, name="feedback"),
    path("w/hilfreich/<str:token>/", knowledge.feedback_reason, name="feedback_reason"),
    path("w/datei/<int:file_id>/", knowledge.file, name="answer_file"),
    path("w/<int:answer_id>-<slug:slug>/", knowledge.answer, name="answer"),
    path("w/<int:answer_id>-<slug:slug>/<slug:part>/", knowledge.answer, name="answer_language"),
    path("s/<str:token>/", status.status_page, name="status"),
]
