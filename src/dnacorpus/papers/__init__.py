"""Papers: reading their files, asking literature services for them, and merging what several sources state.

The stages may import it; it imports ``sources``, ``formats`` and ``storage``.
"""
