"""Stores static files under names with their hash, also inside the imports of our modules."""

from collections.abc import Iterator
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from whitenoise.storage import (  # type: ignore[import-untyped]  # it ships no types
    CompressedManifestStaticFilesStorage,
)


class AssetStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # base is untyped
    """Rewrites `import … from "./x.js"`, so that an upgrade never mixes old and new modules."""

    support_js_module_import_aggregation = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin without any address worked out."""
        super().__init__(*args, **kwargs)
        self._addresses: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:  # noqa: FBT001, FBT002 - Django's signature
        """Return the address of a file, worked out once: a page asks for a hundred of them."""
        if force:
            return str(super().url(name, force))
        if name not in self._addresses:
            self._addresses[name] = super().url(name)
        return self._addresses[name]

    def post_process(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Collect anew; what was worked out before may have changed."""
        yield from super().post_process(*args, **kwargs)
        self._addresses.clear()


def asset_version() -> str:
    """Return what changes with every upgrade of the served files; empty in tests."""
    return str(getattr(staticfiles_storage, "manifest_hash", ""))
