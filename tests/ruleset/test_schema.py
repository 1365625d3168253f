import json

import pytest

from claimcheck.ruleset.schema import KINDS, SCHEMAS, json_schema, validate


@pytest.mark.parametrize("kind", KINDS)
def test_json_schema_is_published_with_the_keys_of_the_files(kind):
    schema = json_schema(kind)
    json.dumps(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == f"claimcheck {kind} file"
    assert schema["additionalProperties"] is False
    assert schema["properties"]["schema"]["const"] == f"claimcheck/{kind}@1"
    assert not any("_" in key.rstrip("_") for key in schema["properties"])


def test_every_kind_has_a_schema_line():
    assert list(SCHEMAS.values()) == list(KINDS)


def test_keys_are_written_with_hyphens_and_lines_of_tests_as_fields():
    text = json.dumps(json_schema("code"))
    assert '"belongs-to"' in text
    assert '"also-written"' in text
    assert "belongs_to" not in text
    assert '"place_of_service"' in json.dumps(json_schema("test"))


def test_json_schema_agrees_with_the_validation():
    jsonschema = pytest.importorskip("jsonschema")
    tree = {
        "schema": "claimcheck/test@1",
        "code": "0252U",
        "cases": [{"name": "a case", "line": {"modifiers": ["80"]}, "findings": []}],
    }
    jsonschema.Draft202012Validator(json_schema("test")).validate(tree)
    assert validate("test", tree)[1] == ()
    tree["cases"][0]["line"]["code"] = "0252U"
    assert not jsonschema.Draft202012Validator(json_schema("test")).is_valid(tree)
    model, (problem,) = validate("test", tree)
    assert model is None
    assert problem.path == ("cases", 0, "line", "code")
    assert problem.at_key
    assert problem.message.startswith("unknown key `code`; allowed: line_id, ")


def test_problems_name_the_place_in_the_tree_and_not_the_branch_of_a_union():
    tree = {
        "schema": "claimcheck/family@1",
        "family": "f",
        "status": "draft",
        "facts": [{"fact": "a", "says": "b", "cite": [{"at": "x"}, {"source": "y"}]}],
    }
    _, (problem,) = validate("family", tree)
    assert problem.path == ("facts", 0, "cite", 1)
    assert problem.message == "`at` is missing; needed here: at"


def test_a_tree_of_the_wrong_kind_altogether():
    _, (problem,) = validate("code", "text")
    assert problem.path == ()
    assert problem.message.startswith("the file is `text`; allowed: a mapping with the keys schema")
