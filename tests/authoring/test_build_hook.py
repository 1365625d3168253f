from pathlib import Path

import pytest

from claimcheck.ruleset import bundled_rules, open_pack

pytest.importorskip("hatchling")

from claimcheck.authoring.build_hook import RulesBuildHook

ROOT = Path(__file__).parents[2]


def hook(target):
    return RulesBuildHook(str(ROOT), {}, None, None, "", target)


def test_a_wheel_gets_the_pack_and_the_yaml():
    data = {}
    building = hook("wheel")
    building.initialize("standard", data)
    added = {inside: Path(path) for path, inside in data["force_include"].items()}
    pack = added["claimcheck/_rules/bundled.pack"]
    assert open_pack(pack).hash == bundled_rules().hash
    assert open_pack(pack).name == bundled_rules().name
    assert added["claimcheck/_rules/codes/0252U.yaml"] == ROOT / "rules" / "codes" / "0252U.yaml"
    assert "claimcheck/_rules/sources.yaml" in added
    building.finalize("standard", data, "")
    assert not pack.exists()


@pytest.mark.parametrize(("target", "version"), [("sdist", "standard"), ("wheel", "editable")])
def test_nothing_is_added_elsewhere(target, version):
    data = {}
    hook(target).initialize(version, data)
    hook(target).finalize(version, data, "")
    assert data == {}
