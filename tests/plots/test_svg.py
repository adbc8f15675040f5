"""SVG elements: texts and attribute values are escaped, numbers are short."""

import xml.etree.ElementTree as ET

from dnacorpus.plots import svg

HOSTILE = "</text><script>alert(1)</script>\" onload='x' &"


def test_texts_and_attributes_are_escaped():
    page = ET.fromstring(svg.figure((10, 10), HOSTILE, svg.text((1, 2), HOSTILE, class_="a b"), HOSTILE))
    (text,) = page
    assert page.get("aria-label") == text.text == text.tail == HOSTILE
    assert text.get("class") == "a b"


def test_markup_is_not_escaped_twice():
    title = svg.element("title", "a & b")
    assert svg.rect((0, 0), (1, 1), title).count("&amp;") == 1


def test_numbers_have_two_decimals_and_names_their_hyphens():
    assert svg.line((0, 1 / 3), (2, 3), stroke_width=1.5) == (
        '<line x1="0.00" y1="0.33" x2="2.00" y2="3.00" stroke-width="1.50"></line>'
    )
    assert 'points="0.00,1.00 2.00,3.33"' in svg.polyline([(0, 1), (2, 10 / 3)])
