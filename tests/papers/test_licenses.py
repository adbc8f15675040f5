"""Licences: every way in which papers write one, what is unknown, and that doubt never opens a paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.papers.licenses import RESTRICTIVENESS, family, is_open, licenses_in, stated_license, strictest

OPEN = frozenset({"CC0", "CC-BY"})
CODES = ("by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode.en", "CC-BY-4.0"),
        ("http://creativecommons.org/licenses/by/2.0", "CC-BY-2.0"),
        ("(https://creativecommons.org/licenses/by-nc/4.0).", "CC-BY-NC-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/The images", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/3.0/igo/", "CC-BY-3.0-IGO"),
        ("http://creativecommons.org/licenses/by-nc/2.0/uk/", "CC-BY-NC-2.0-UK"),
        ("https://creativecommons.org/licenses/by-nc-nd/4.0/deed.en", "CC-BY-NC-ND-4.0"),
        ("https://creativecommons.org/licences/by-sa/4.0", "CC-BY-SA-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("ccbylicense", "CC-BY"),
        ("ccbyncndlicense", "CC-BY-NC-ND"),
        ("cc0license", "CC0-1.0"),
        ("CC BY", "CC-BY"),
        ("cc-by", "CC-BY"),
        ("cc by-nc-sa", "CC-BY-NC-SA"),
        ("CC BY NC ND 4.0", "CC-BY-NC-ND-4.0"),
        ("CC0", "CC0-1.0"),
        ("the CC BY license 4.0", "CC-BY-4.0"),
        ("distributed under the terms of the Creative Commons Attribution License, which permits", "CC-BY"),
        ("under a Creative Commons Attribution 4.0 International License", "CC-BY-4.0"),
        ("a Creative Commons License (Attribution 4.0 International, as described", "CC-BY-4.0"),
        ("the Creative Commons Attribution Non-Commercial Licence 4.0.", "CC-BY-NC-4.0"),
        ("Creative Commons Attribution-NonCommercial-Share Alike 3.0 Unported", "CC-BY-NC-SA-3.0"),
        ("Creative Commons Attribution, NonCommercial and NoDerivatives License", "CC-BY-NC-ND"),
        ("Creative Commons Attribution and Share Alike licence", "CC-BY-SA"),
        ("the Creative Commons CC0 public domain dedication", "CC0-1.0"),
        ("", None),
        ("cc", None),
        ("TDM", None),
        ("open-access", None),
        ("© 2023. The Author(s), under exclusive licence to Springer Nature.", None),
        ("Copyright 2010 Cancer Research UK", None),
        ("http://www.elsevier.com/open-access/userlicense/1.0/", None),
        ("verbatim copying and redistribution of this article are permitted in all media", None),
        ("This article is in the public domain in the United States.", None),
        ("McC BY and others", None),
        ("Creative Commons License (see the publisher's page)", None),
    ],
)
def test_licences_as_papers_state_them(text, expected):
    assert stated_license([text]) == stated_license([], [text]) == expected


@given(st.sampled_from(CODES), st.sampled_from(["1.0", "2.5", "3.0", "4.0"]), st.sampled_from(["-", " ", "_", ""]))
def test_url_and_code_of_every_licence_agree(code, version, blank):
    name = f"CC-{code.upper()}"
    assert licenses_in(f"see https://creativecommons.org/licenses/{code}/{version}/.") == [f"{name}-{version}"]
    assert licenses_in(f"CC{blank}{code.replace('-', blank)}{blank}license") == [name]
    assert licenses_in(f"(CC {code.upper()} {version})") == [f"{name}-{version}"]
    assert family(f"{name}-{version}-IGO") == name


@given(st.text())
def test_text_that_names_no_licence_has_none(text):
    if "cc" not in text.lower() and "creative" not in text.lower():
        assert stated_license([text], [text]) is None


@given(st.lists(st.sampled_from([f"CC-{code.upper()}" for code in CODES] + ["CC0-1.0"]), min_size=1))
def test_the_most_restrictive_licence_holds_in_any_order(names):
    worst = strictest(names)
    assert family(worst) == family(strictest(names[::-1]))
    assert all(RESTRICTIVENESS.index(family(name)) <= RESTRICTIVENESS.index(family(worst)) for name in names)
    assert is_open(worst, OPEN) <= all(is_open(name, OPEN) for name in names)


def test_a_licence_with_a_version_is_preferred():
    assert strictest([None, "CC-BY", "CC-BY-4.0", "CC-BY-3.0"]) == "CC-BY-4.0"
    assert strictest(["CC-BY-4.0", "CC-BY-NC"]) == "CC-BY-NC"
    assert strictest([None, None]) is None


def test_cc0_of_the_data_is_ignored():
    waiver = (
        "The Creative Commons Public Domain Dedication waiver (http://creativecommons.org/publicdomain/zero/1.0/)"
        " applies to the data made available in this article."
    )
    assert stated_license([], [waiver]) is None
    assert stated_license([], [f"Licensed under CC BY 4.0. {waiver}"]) == "CC-BY-4.0"
    assert stated_license(["https://creativecommons.org/publicdomain/zero/1.0/"], [waiver]) == "CC0-1.0"


def test_is_open():
    assert [is_open(name, OPEN) for name in ("CC0-1.0", "CC-BY", "CC-BY-3.0-IGO")] == [True] * 3
    assert not any(is_open(name, OPEN) for name in ("CC-BY-SA-4.0", "CC-BY-NC", "CC-BY-ND-4.0", "CC-PDM-1.0", None))
    assert is_open("CC-BY-4.0", frozenset({"CC-BY-4.0"}))
    assert not is_open("CC-BY-3.0", frozenset({"CC-BY-4.0"}))
