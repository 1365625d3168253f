import pytest

from claimcheck._version import __version__
from claimcheck.errors import RuleFileError
from claimcheck.ruleset import bundled, bundled_folder, bundled_rules, load_rules, write_pack


@pytest.fixture
def fresh():
    bundled_rules.cache_clear()
    yield
    bundled_rules.cache_clear()


def test_the_bundled_rules_load():
    rules = bundled_rules()
    assert rules.name == "claimcheck-bundled"
    assert rules.version == __version__
    assert "0252U" in rules.codes
    assert load_rules() is rules
    assert (bundled_folder() / "codes" / "0252U.yaml").is_file()


def test_folders_on_top_are_named(write, entry):
    site = {
        "overlay": "a-site",
        "source": "openpayer-0252u",
        "statements": [{"code": "0252U", "modifiers": [entry("modifiers", "80", "applicable")]}],
    }
    rules = load_rules(write("my-rules", site, sources=False))
    assert rules.name == "claimcheck-bundled+my-rules"
    assert rules.rule("0252U").modifier("80").layers[-1] == "sites/a-site"
    assert rules.hash != bundled_rules().hash


def test_the_current_directory_is_never_looked_at(fresh, tmp_path, monkeypatch):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "sources.yaml").write_text("broken")
    monkeypatch.chdir(tmp_path)
    assert bundled_rules().codes


def test_a_wheel_has_a_pack(fresh, tmp_path, monkeypatch):
    write_pack(bundled_rules(), tmp_path / "bundled.pack")
    expected = bundled_rules().hash
    bundled_rules.cache_clear()
    monkeypatch.setattr(bundled, "_SHIPPED", tmp_path)
    monkeypatch.setattr(bundled, "_CHECKOUT", tmp_path / "nowhere")
    assert bundled_rules().hash == expected
    with pytest.raises(RuleFileError) as caught:
        bundled_folder()
    assert str(caught.value) == (
        f"{tmp_path}:1:1: the bundled rules are missing; install claimcheck again"
    )
