"""Connected components in the plainest way, to compare with."""


def walked(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """Return the smallest node that can be reached from each node, found by walking."""
    beside: dict[int, set[int]] = {node: set() for node in range(count)}
    for left, right in edges:
        beside[left].add(right)
        beside[right].add(left)
    least = []
    for node in range(count):
        seen, waiting = {node}, [node]
        while waiting:
            fresh = beside[waiting.pop()] - seen
            seen |= fresh
            waiting += fresh
        least.append(min(seen))
    return least
