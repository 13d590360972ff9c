"""Addresses of the knowledge base in the desk, below the desk's own."""

from django.urls import path

from helpdesk.desk.knowledge import (
    editor,
    files,
    from_ticket,
    importing,
    listing,
    publishing,
    reading,
    related,
    reports,
    sections,
    synonyms,
    translating,
    versions,
)

urlpatterns = [
    path("", listing.answer_list, name="knowledge"),
    path("<int:answer_id>/", reading.answer_page, name="knowledge_answer"),
    path("datei/<int:file_id>/", reading.file, name="knowledge_file"),
    path("datei/<int:file_id>/aendern/", files.file_change, name="knowledge_file_change"),
    path("neu/", editor.answer_new, name="knowledge_new"),
    path("<int:answer_id>/schreiben/", editor.answer_edit, name="knowledge_edit"),
    path(
        "<int:answer_id>/uebersetzen/<slug:language>/",
        translating.translate,
        name="knowledge_translate",
    ),
    path("<int:answer_id>/entwurf/", editor.answer_autosave, name="knowledge_autosave"),
    path("<int:answer_id>/angaben/", editor.answer_details, name="knowledge_details"),
    path("<int:answer_id>/verwandt/", related.suggestions, name="knowledge_related"),
    path("<int:answer_id>/dateien/", files.file_add, name="knowledge_file_add"),
    path("<int:answer_id>/veroeffentlichen/", publishing.publish, name="knowledge_publish"),
    path("<int:answer_id>/archivieren/", publishing.archive, name="knowledge_archive"),
    path("<int:answer_id>/versionen/", versions.versions, name="knowledge_versions"),
    path(
        "<int:answer_id>/versionen/<int:version_id>/",
        versions.restore,
        name="knowledge_restore",
    ),
    path(
        "<int:answer_id>/versionen/vergleich/<int:number>/",
        versions.compare,
        name="knowledge_compare",
    ),
    path("<int:answer_id>/tun/<slug:action>/", publishing.act, name="knowledge_act"),
    path("einlesen/", importing.import_page, name="knowledge_import"),
    path("<int:answer_id>/markdown/<slug:language>/", importing.export, name="knowledge_export"),
    path("aus/<str:number>/", from_ticket.from_ticket, name="knowledge_from_ticket"),
    path("auswertung/", reports.report, name="knowledge_report"),
    path("auswertung/<int:miss_id>/uebergehen/", reports.ignore, name="knowledge_ignore"),
    path("synonyme/", synonyms.synonym_list, name="knowledge_synonyms"),
    path("synonyme/<int:synonym_id>/", synonyms.synonym_edit, name="knowledge_synonym"),
    path(
        "synonyme/<int:synonym_id>/loeschen/",
        synonyms.synonym_delete,
        name="knowledge_synonym_delete",
    ),
    path("bereiche/", sections.section_list, name="knowledge_sections"),
    path("bereiche/neu/", sections.section_new, name="knowledge_section_new"),
    path("bereiche/<int:section_id>/", sections.section_edit, name="knowledge_section"),
    path("bereiche/<int:section_id>/ordnen/", sections.section_move, name="knowledge_section_move"),
    path(
        "bereiche/<int:section_id>/loeschen/",
        sections.section_delete,
        name="knowledge_section_delete",
    ),
]
