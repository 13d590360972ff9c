"""Addresses of the portal."""

from django.urls import path

from helpdesk.portal.views import home, status

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("language/<str:code>/", home.language, name="language"),
    path("s/<str:token>/", status.status_page, name="status"),
]
