"""Addresses of the demo mailbox."""

from django.urls import path

from helpdesk.portal import demo_views

app_name = "demo"
urlpatterns = [
    path("", demo_views.mailbox, name="mailbox"),
    path("neu/", demo_views.write, name="write"),
    path("<int:pk>/", demo_views.mail, name="mail"),
]
