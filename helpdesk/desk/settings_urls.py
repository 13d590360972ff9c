"""Addresses of the settings, below the desk's own."""

from django.urls import path, re_path

from helpdesk.desk.settings import (
    accessibility,
    addresses,
    agent_actions,
    agents,
    authority,
    deadlines,
    filter_trial,
    filters,
    interface,
    mailboxes,
    portal,
    questions,
    senders,
    signin,
    teams,
    texts,
    topics,
)
from helpdesk.pages.enums import TextKind

TEXT_KINDS = "|".join(TextKind.values)
ACTIONS = "|".join(agent_actions.ACTIONS)

urlpatterns = [
    path("", authority.overview, name="settings"),
    path("behoerde/", authority.authority, name="settings_authority"),
    path("portal/", portal.portal, name="settings_portal"),
    re_path(rf"^portal/seiten/(?P<kind>{TEXT_KINDS})/$", portal.legal_text, name="settings_legal"),
    path(
        "portal/barrierefreiheit/",
        accessibility.accessibility,
        name="settings_accessibility",
    ),
    path("portal/barrierefreiheit/neu/", accessibility.barrier_new, name="settings_barrier_new"),
    path(
        "portal/barrierefreiheit/<int:barrier_id>/",
        accessibility.barrier,
        name="settings_barrier",
    ),
    path(
        "portal/barrierefreiheit/<int:barrier_id>/entfernen/",
        accessibility.barrier_remove,
        name="settings_barrier_remove",
    ),
    path("fristen/", deadlines.deadlines, name="settings_deadlines"),
    path("teams/", teams.team_list, name="settings_teams"),
    path("teams/neu/", teams.team_new, name="settings_team_new"),
    path("teams/<int:team_id>/", teams.team, name="settings_team"),
    path("teams/<int:team_id>/schalten/", teams.team_active, name="settings_team_active"),
    path("personen/", agents.agent_list, name="settings_agents"),
    path("personen/einladen/", agents.agent_new, name="settings_agent_new"),
    path("personen/<int:user_id>/", agents.agent, name="settings_agent"),
    path(
        "personen/<int:user_id>/einladen/",
        agent_actions.agent_invite,
        name="settings_agent_invite",
    ),
    re_path(
        rf"^personen/(?P<user_id>\d+)/(?P<action>{ACTIONS})/$",
        agent_actions.agent_action,
        name="settings_agent_action",
    ),
    path("themen/", topics.topic_list, name="settings_topics"),
    path("themen/neu/", topics.topic_new, name="settings_topic_new"),
    path("themen/<int:topic_id>/", topics.topic, name="settings_topic"),
    path("themen/<int:topic_id>/ordnen/", topics.topic_move, name="settings_topic_move"),
    path("themen/<int:topic_id>/loeschen/", topics.topic_delete, name="settings_topic_delete"),
    path("themen/<int:topic_id>/fragen/", questions.question_list, name="settings_questions"),
    path("themen/<int:topic_id>/fragen/neu/", questions.question_new, name="settings_question_new"),
    re_path(
        r"^themen/(?P<topic_id>\d+)/fragen/(?P<action>veroeffentlichen|verwerfen)/$",
        questions.edition_action,
        name="settings_edition_action",
    ),
    path("themen/<int:topic_id>/fragen/<slug:key>/", questions.question, name="settings_question"),
    re_path(
        r"^themen/(?P<topic_id>\d+)/fragen/(?P<key>[-\w]+)/(?P<action>hoch|runter|loeschen)/$",
        questions.question_action,
        name="settings_question_action",
    ),
    path("textbausteine/", texts.text_list, name="settings_texts"),
    path("textbausteine/neu/", texts.text_new, name="settings_text_new"),
    path("textbausteine/<int:module_id>/", texts.text, name="settings_text"),
    path("textbausteine/<int:module_id>/loeschen/", texts.text_delete, name="settings_text_delete"),
    path("schnittstelle/", interface.service_list, name="settings_interface"),
    path("schnittstelle/neu/", interface.service_new, name="settings_interface_new"),
    path(
        "schnittstelle/<int:token_id>/trennen/",
        interface.service_revoke,
        name="settings_interface_revoke",
    ),
    path("absender/", senders.sender_list, name="settings_senders"),
    path("absender/<int:rule_id>/loeschen/", senders.sender_delete, name="settings_sender_delete"),
    path("postfaecher/", mailboxes.mailbox_list, name="settings_mailboxes"),
    path("postfaecher/neu/", mailboxes.mailbox_new, name="settings_mailbox_new"),
    path("postfaecher/angemeldet/", signin.signed_in, name="settings_mailbox_signed_in"),
    path("postfaecher/<int:account_id>/", mailboxes.mailbox, name="settings_mailbox"),
    path(
        "postfaecher/<int:account_id>/regeln/",
        addresses.mailbox_rules,
        name="settings_mailbox_rules",
    ),
    path(
        "postfaecher/<int:account_id>/adressen/", addresses.address_new, name="settings_address_new"
    ),
    path(
        "postfaecher/<int:account_id>/adressen/<int:address_id>/entfernen/",
        addresses.address_remove,
        name="settings_address_remove",
    ),
    path("filter/", filters.filter_list, name="settings_filters"),
    path("filter/neu/", filters.filter_new, name="settings_filter_new"),
    path("filter/testen/", filter_trial.trial, name="settings_filter_trial"),
    path("filter/<int:filter_id>/", filters.edit_filter, name="settings_filter"),
    path("filter/<int:filter_id>/ordnen/", filters.filter_move, name="settings_filter_move"),
    path("filter/<int:filter_id>/loeschen/", filters.filter_delete, name="settings_filter_delete"),
    path("postfaecher/<int:account_id>/anmelden/", signin.begin, name="settings_mailbox_sign_in"),
]
