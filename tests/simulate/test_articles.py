"""Text of simulated papers."""

from dnacorpus.simulate.articles import Article, full_text


def test_the_text_of_a_paper_is_escaped():
    assert "A &amp; B &lt;x&gt;" in full_text(Article(0, "Simulatobacter", (("NC_9", "A & B <x>"),)), 1)
