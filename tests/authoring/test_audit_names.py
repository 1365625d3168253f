import pytest

from claimcheck.authoring.audit.names import same_name


@pytest.mark.parametrize(
    ("named", "official"),
    [
        ("Emergency Medicine", "Emergency Medicine Physician"),
        ("Obstetrics and Gynecology", "Obstetrics & Gynecology Physician"),
        ("gynecology, OBSTETRICS", "Obstetrics & Gynecology Physician"),
        ("Clinical Medical Laboratories", "Clinical Medical Laboratory"),
        ("Laboratory", "Independent Laboratory"),
        ("Maternal & Fetal Medicine specialists", "Maternal & Fetal Medicine Physician"),
        ("Genetic Counselor MS", "Genetic Counselor (M.S.)"),
        ("Spontaneous abortion, unspecified", "Complete or unspecified spontaneous abortion"),
        ("Crohn's disease", "Crohn’s disease"),
        ("Abscess", "abscess"),
    ],
)
def test_one_thing(named, official):
    assert same_name(named, [official])


@pytest.mark.parametrize(
    ("named", "official"),
    [
        ("Maternal-Fetal Medicine", "Family Medicine Physician"),
        ("Pathology Laboratory", "Physician Assistant"),
        ("Physician", "Physician Assistant"),
        ("Abortion with hemorrhage", "Abortion without hemorrhage"),
        ("Abortion without complication", "Abortion with complication"),
        ("", "Pathology"),
        ("&", "Pathology"),
        ("of the", "and"),
    ],
)
def test_two_things(named, official):
    assert not same_name(named, [official])


def test_any_of_the_official_names_will_do():
    assert same_name("Genetics: cytogenetics", ["Something else", "Genetics Cytogenetics"])
    assert not same_name("Genetics", [])
