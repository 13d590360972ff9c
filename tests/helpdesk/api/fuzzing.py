"""Cases made from the description itself, sent to the interface of this process."""

import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

SEED = 20261130
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


def operations() -> list[APIOperation]:
    """Return every operation of the description."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def send_cases(
    operation: APIOperation, mode: GenerationMode, *, token: str, count: int, ids: dict[str, int]
) -> int:
    """Send ``count`` generated cases and check each answer; return how many were sent.

    Half of them name rows that are there, so that they get past the first door.
    """
    sent = 0

    @seed(SEED)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        nonlocal sent
        sent += 1
        if sent % 2:
            case.path_parameters |= {
                name: ids[name] for name in case.path_parameters if name in ids
            }
        headers = {"Authorization": f"Bearer {token}"}
        if sent % 3:
            headers["If-Match"] = "*"
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS, headers=headers)

    send()
    return sent
