"""The operator's page of languages."""

from __future__ import annotations

from alerts.service import languages

AT = "/operations/languages"


def test_an_operator_sees_what_is_not_reviewed_and_answers_for_it(house, signed_in):
    operator = signed_in("operator")
    page = operator.get(AT).text
    assert page.count("Not reviewed") == 7
    assert "<button" not in page.partition("<main")[2]  # a sandbox speaks all of them: there is nothing to switch
    for act, switched in (("on", ["de"]), ("off", [])):
        assert operator.post(f"{AT}/de/{act}").status_code == 200
        assert [one.tag for one in languages.listed(house.services) if one.switched] == switched
