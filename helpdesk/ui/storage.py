"""Stores static files under names with their hash, also inside the imports of our modules."""

from whitenoise.storage import (  # type: ignore[import-untyped]  # it ships no types
    CompressedManifestStaticFilesStorage,
)


class AssetStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # base is untyped
    """Rewrites `import … from "./x.js"`, so that an upgrade never mixes old and new modules."""

    support_js_module_import_aggregation = True
