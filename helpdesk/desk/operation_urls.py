"""Addresses of health, quarantine and failed sendings."""

from django.urls import path, re_path

from helpdesk.desk.views import operation, sendings, stuck

urlpatterns = [
    path("health/", operation.health, name="health"),
    path("quarantine/", operation.quarantine, name="quarantine"),
    path("quarantine/<int:raw_id>/raw/", operation.raw, name="quarantine_raw"),
    re_path(
        r"^quarantine/(?P<raw_id>\d+)/(?P<action>retry|ticket|discard|let-in)/$",
        operation.act,
        name="quarantine_act",
    ),
    path("stuck/", stuck.stuck, name="stuck"),
    path("stuck/events/<int:reaction_id>/", stuck.again, name="stuck_event"),
    path("stuck/places/<int:sighting_id>/", stuck.fetch_again, name="stuck_place"),
    path("failed/", operation.failed, name="failed"),
    path("sendings/", sendings.log, name="sendings"),
    path("sendings/<int:message_id>/", sendings.one, name="sending"),
    path("failed/<int:message_id>/retry/", operation.send_again, name="failed_retry"),
]
