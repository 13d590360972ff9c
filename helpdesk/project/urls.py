"""Which face answers which address."""

from django.urls import URLPattern, URLResolver, include, path

from helpdesk.portal.views.home import brand_css

urlpatterns: list[URLPattern | URLResolver] = [
    path("a/konto/", include("helpdesk.desk.account_urls")),
    path("a/", include("helpdesk.desk.urls")),
    path("demo/postfach/", include("helpdesk.portal.demo_urls")),
    path("brand.css", brand_css, name="brand_css"),
    path("api/v1/", include("helpdesk.api.urls")),
    path("", include("helpdesk.portal.urls")),
]

handler400 = "helpdesk.project.errors.bad_request"
handler404 = "helpdesk.project.errors.not_there"
handler403 = "helpdesk.project.errors.forbidden"
handler500 = "helpdesk.project.errors.broken"
