"""Addresses of signing in; only what stands here of django-allauth is exposed."""

from allauth.account.views import (
    account_inactive,
    password_reset_done,
    password_reset_from_key_done,
)
from django.urls import path, re_path

from helpdesk.desk.account import keys, pages, push, telling, tokens, views

urlpatterns = [
    path("anmelden/", views.SignIn.as_view(), name="account_login"),
    path("anmelden/code/", views.Code.as_view(), name="mfa_authenticate"),
    path("abmelden/", views.SignOut.as_view(), name="account_logout"),
    path("inaktiv/", account_inactive, name="account_inactive"),
    path("bestaetigen/", views.Again.as_view(), name="account_reauthenticate"),
    path("bestaetigen/code/", views.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("passwort/", views.ChangePassword.as_view(), name="account_change_password"),
    path("passwort/vergessen/", views.Forgotten.as_view(), name="account_reset_password"),
    path("passwort/vergessen/gesendet/", password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^passwort/neu/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        views.SetForgotten.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "passwort/neu/fertig/",
        password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("einladung/<str:token>/", pages.invitation, name="account_invitation"),
    path("profil/", pages.profile, name="account_profile"),
    path("tasten/", keys.keys, name="account_keys"),
    path("profil/mitteilungen/", telling.notices, name="account_notices"),
    path("profil/browser/", push.push_on, name="account_push"),
    path("profil/browser/<int:browser_id>/entfernen/", push.push_off, name="account_push_off"),
    path("profil/abwesenheit/", telling.absence, name="account_absence"),
    path("profil/abwesenheit/beenden/", telling.end, name="account_absence_end"),
    path("schluessel/", tokens.tokens, name="account_tokens"),
    path("schluessel/<int:token_id>/beenden/", tokens.revoke, name="account_token_revoke"),
    path("code/", pages.second_factor, name="mfa_index"),
    path("code/einrichten/", views.AddCode.as_view(), name="mfa_activate_totp"),
    path("code/entfernen/", views.RemoveCode.as_view(), name="mfa_deactivate_totp"),
    path("code/ersatz/", views.ShowRecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("code/ersatz/neu/", views.MakeRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
]
