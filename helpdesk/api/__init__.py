"""The interface for programs: REST over JSON, with tokens; its doors are those of the desk."""
