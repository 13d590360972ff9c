"""What the shared cache holds is JSON: whoever can write into it must not run code here."""

import json
from typing import Any


class JsonSerializer:
    """Serialiser for Django's Redis cache instead of pickle."""

    def dumps(self, value: Any) -> bytes:  # noqa: ANN401 - whatever JSON knows
        """Write a value; raises TypeError for what JSON does not know."""
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:  # noqa: ANN401 - whatever was written
        """Read a value."""
        return json.loads(data)
