"""The API against its own description: schemathesis makes up requests, good and bad, for the real server."""

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agents import tokens
from mentions import intake, rulebook
from tests.factories import make_original, make_person, make_queue, make_source, post
from tests.web import Web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

# Answers of the server's own, before the API is asked: the description need not name them.
BEFORE_THE_API = (400, 405, 413)
OPERATIONS = [
    ("POST", "/api/v1/posts"),
    ("GET", "/api/v1/mentions"),
    ("GET", "/api/v1/conversations/{pk}"),
    ("GET", "/api/v1/own-posts"),
    ("POST", "/api/v1/own-posts"),
    ("GET", "/api/v1/own-posts/{pk}"),
]
EXAMPLES = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def web(django_db_setup: None):
    running = Web().start()
    yield running
    running.stop()


@pytest.fixture
def secret(db) -> str:
    """A token that may do everything, and a few posts to be found with it."""
    rulebook.forget()
    make_queue()
    source = make_source()
    intake.receive(source, [post(f"post {n}") for n in range(5)])
    author = make_person()
    make_original(source, "A notice", author=author)
    return tokens.make("schemathesis", scopes=tokens.SCOPES, person=author)[1]


@pytest.fixture
def described(web: Web, secret: str):
    """The API's description as the server gives it."""
    answer = httpx.get(f"{web.url}/api/v1/openapi.json", headers={"authorization": f"Bearer {secret}"}, timeout=30)
    assert answer.status_code == 200
    return schemathesis.openapi.from_dict(answer.json())


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_whatever_is_a_fault_of_ours(described, web: Web, secret: str, method, path, mode):
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

    @EXAMPLES
    @given(case=described[path][method].as_strategy(generation_mode=mode))
    def request(case: Case) -> None:
        answer = case.call(base_url=web.url, headers={"authorization": f"Bearer {secret}"}, session=session)
        case.validate_response(answer, checks=checks[:1] if answer.status_code in BEFORE_THE_API else checks)
        if answer.status_code != 200 and "json" in answer.headers["content-type"][0]:
            assert answer.json()["error"]

    with requests.Session() as session:
        request()


def test_everything_it_describes_is_there_and_nothing_else_is(described):
    operations = {(found.ok().method.upper(), found.ok().path) for found in described.get_all_operations()}
    assert operations >= set(OPERATIONS)
    for operation in described.get_all_operations():
        answers = operation.ok().definition.raw["responses"]
        assert {"200", "401", "403"} <= {str(code) for code in answers}
