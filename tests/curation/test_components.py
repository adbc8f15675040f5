"""Connected components of a graph."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.components import walked

from dnacorpus.curation.components import components


def test_without_edges_every_node_is_its_own_component():
    none = np.empty(0, np.int64)
    assert components(3, none, none).tolist() == [0, 1, 2]
    assert components(0, none, none).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40))
def test_the_label_is_the_smallest_node_that_a_walk_reaches(edges):
    left, right = (np.array([edge[side] for edge in edges], np.int64) for side in (0, 1))
    assert components(30, left, right).tolist() == walked(30, edges)


@pytest.mark.parametrize("order", ["ascending", "descending", "shuffled"])
def test_a_chain_is_one_component(order):
    nodes = np.arange(100_000)
    if order == "shuffled":
        np.random.default_rng(0).shuffle(nodes)
    nodes = nodes[::-1] if order == "descending" else nodes
    assert not components(100_000, nodes[:-1], nodes[1:]).any()
