import pytest

from claimcheck.errors import RuleFileError
from claimcheck.ruleset import load_rules
from claimcheck.ruleset.load import read_folder, read_rule_file, rule_files


def test_test_files_hidden_files_and_others_are_left_out(write):
    folder = write("rules", {"family": "laboratory"}, {"code": "0252U"})
    (folder / "codes" / "0252U.test.yaml").write_text("not: [rules")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "x.yaml").write_text("not: [rules")
    (folder / "README.md").write_text("words")
    reading = read_folder(folder)
    assert reading.problems == ()
    assert [file.stem for file in reading.files] == ["0252U", "laboratory", "sources"]
    assert [path.name for path in rule_files(folder)] == [
        "0252U.test.yaml",
        "0252U.yaml",
        "laboratory.yaml",
        "sources.yaml",
    ]


def test_a_test_file_is_read_when_asked_for(write):
    folder = write("rules", {"family": "laboratory"}, {"code": "0252U"})
    path = folder / "codes" / "0252U.test.yaml"
    path.write_text('schema: claimcheck/test@1\ncode: "0252U"\ncases: []\n')
    file, problems = read_rule_file(path, ("test",))
    assert problems == []
    assert file is not None
    assert (file.kind, file.stem) == ("test", "0252U")
    file, problems = read_rule_file(folder / "codes" / "0252U.yaml", ("test",))
    assert file is None
    assert problems[0].message.endswith("allowed: claimcheck/test@1")


def test_a_single_file_may_be_given(write):
    folder = write("rules", {"family": "laboratory"}, {"code": "0252U"})
    extra = write("extra", {"code": "81452"}, sources=False) / "codes" / "81452.yaml"
    rules = load_rules(folder, extra, bundled=False)
    assert rules.codes == ("0252U", "81452")


def test_problems_of_all_files_come_together_in_the_order_of_files(write):
    folder = write("rules", {"family": "laboratory"}, {"code": "0252U", "colour": "red"})
    (folder / "codes" / "81452.yaml").write_text("")
    (folder / "families" / "pla.yaml").write_text("x: y\nx: z\n")
    with pytest.raises(RuleFileError) as caught:
        load_rules(folder, folder.parent / "nowhere", bundled=False)
    files = [problem.file.removeprefix(str(folder.parent)) for problem in caught.value.problems]
    assert files == [
        "/nowhere",
        "/rules/codes/0252U.yaml",
        "/rules/codes/81452.yaml",
        "/rules/families/pla.yaml",
        "/rules/families/pla.yaml",
    ]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path):
    path = tmp_path / "x.yaml"
    file, (problem,) = read_rule_file(path)
    assert file is None
    assert str(problem) == f"{path}:1:1: the file cannot be read: No such file or directory"
    (tmp_path / "sources.yaml").mkdir()
    assert [str(problem) for problem in read_folder(tmp_path).problems] == [
        f"{tmp_path}:1:1: no rule file in this folder; rule files end in .yaml"
    ]
    assert [str(problem) for problem in read_folder(tmp_path / "nowhere").problems] == [
        f"{tmp_path / 'nowhere'}:1:1: no such file or folder; rule files end in .yaml"
    ]


def test_a_broken_sources_file_is_reported_and_not_every_citation(write):
    folder = write("rules", {"family": "laboratory"}, {"code": "0252U"})
    (folder / "sources.yaml").write_text("schema: claimcheck/sources@1\nsources: none\n")
    with pytest.raises(RuleFileError) as caught:
        load_rules(folder, bundled=False)
    assert len(caught.value.problems) == 1


def test_a_schema_that_is_no_text(tmp_path):
    (tmp_path / "x.yaml").write_text("schema: [a]\n")
    (problem,) = read_folder(tmp_path).problems
    assert problem.message.startswith("`schema` is no text; allowed: claimcheck/sources@1")


def test_nothing_to_load_is_misuse():
    with pytest.raises(TypeError) as caught:
        load_rules(bundled=False)
    assert str(caught.value) == "load_rules(bundled=False) needs at least one folder or pack"


@pytest.mark.parametrize(
    ("folder", "kind"), [("codes", "code"), ("families", "family"), ("payers", "overlay")]
)
def test_a_file_stands_in_the_folder_of_its_kind(tmp_path, folder, kind):
    path = tmp_path / folder / "sources.yaml"
    path.parent.mkdir()
    path.write_text("schema: claimcheck/sources@1\nsources: []\n")
    assert [str(problem) for problem in read_folder(tmp_path).problems] == [
        f"{path}:1:9: a file of kind sources in {folder}/; allowed there: {kind}"
    ]
    assert read_folder(path.parent).problems == ()  # the folder itself was given
    assert read_folder(path).problems == ()  # or the file


def test_names_of_broken_files_are_kept_and_the_others_read(write):
    folder = write("rules", {"family": "laboratory"}, {"code": "0252U"}, {"code": "81452"})
    (folder / "codes" / "0252U.yaml").write_text("a: [")
    reading = read_folder(folder)
    assert reading.broken == ("0252U",)
    assert [file.stem for file in reading.files] == ["81452", "laboratory", "sources"]
    assert len(reading.problems) == 1


def test_a_problem_stands_at_the_key_or_at_the_value(write):
    folder = write("rules", {"family": "laboratory"}, {"code": "0252U"})
    file, _ = read_rule_file(folder / "codes" / "0252U.yaml")
    path = folder / "codes" / "0252U.yaml"
    row = next(
        number for number, text in enumerate(path.read_text().splitlines(), 1) if '"status"' in text
    )
    assert str(file.problem(("status",), "m")) == f"{path}:{row}:11: m"
    assert str(file.problem(("status",), "m", at_key=True)) == f"{path}:{row}:1: m"
