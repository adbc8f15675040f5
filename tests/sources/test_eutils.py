from dnacorpus.sources.eutils import key_of, policy
from dnacorpus.sources.http import Policy

KEY = "0123456789abcdef0123456789abcdef0123"


def test_key_of_the_environment() -> None:
    assert key_of({"NCBI_API_KEY": f" {KEY}\n"}) == KEY
    assert key_of({"NCBI_API_KEY": " "}) is None
    assert key_of({}) is None


def test_a_key_raises_the_pace() -> None:
    patience = Policy(attempts=2, contact="b@example.org")
    assert policy("a@example.org", None, patience) == Policy(attempts=2, contact="a@example.org", per_second=2.5)
    assert policy("", KEY, patience) == Policy(attempts=2, contact="b@example.org", per_second=8.0)
