"""The sections of the report."""

from dnacorpus.explore.report import sections
from dnacorpus.settings.pairs import KINDS


def test_the_report_names_every_kind_of_row_that_the_config_knows_in_its_order():
    assert tuple(sections.KINDS) == KINDS
