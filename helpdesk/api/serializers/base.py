"""Fields and serializers that refuse what they do not know."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

BIGGEST_ID = 2**63 - 1


class Text(serializers.CharField):
    """A JSON string; numbers are not turned into one."""

    def __init__(self, **options: Any) -> None:
        """Keep blanks as they were written."""
        options.setdefault("trim_whitespace", False)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:  # noqa: ANN401 - any JSON
        """Refuse what is no string."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Id(serializers.IntegerField):
    """The id of a row: a JSON integer that a row can have."""

    def __init__(self, **options: Any) -> None:
        """Bound it by what databases hold."""
        super().__init__(min_value=1, max_value=BIGGEST_ID, **options)

    def to_internal_value(self, data: Any) -> int:  # noqa: ANN401 - any JSON
        """Refuse strings, fractions and truth values."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class Coordinate(serializers.DecimalField):
    """Degrees with six places; written as a JSON number."""

    def __init__(self, *, bound: int, **options: Any) -> None:
        """Bound it by the globe."""
        super().__init__(
            max_digits=9,
            decimal_places=6,
            min_value=-bound,
            max_value=bound,
            coerce_to_string=False,
            **options,
        )

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401 - any JSON
        """Round to what is kept, a tenth of a metre."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(round(data, 6))


@extend_schema_field({"type": "object", "additionalProperties": True})
class Members(serializers.JSONField):
    """A JSON object of any members."""

    default_error_messages = {"object": "Give an object."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Refuse what is no object."""
        if not isinstance(data, dict):
            self.fail("object")
        return data


class Strict(serializers.Serializer[Any]):
    """Refuses members that it does not know, and names each."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Check names and values, and report both kinds of errors at once."""
        errors: dict[str, Any] = {}
        if isinstance(data, Mapping):
            writable = {field.field_name for field in self._writable_fields}
            errors = {name: ["This field is not known."] for name in data if name not in writable}
        try:
            value: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as error:
            detail = error.detail
            raise serializers.ValidationError(
                {**detail, **errors} if isinstance(detail, dict) else detail
            ) from error
        if errors:
            raise serializers.ValidationError(errors)
        return value


def read_body(kind: type[Strict], data: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return the checked members of a body; raises a problem with every wrong field."""
    serializer = kind(data=data)
    serializer.is_valid(raise_exception=True)
    found: dict[str, Any] = serializer.validated_data
    return found
