"""From a description to ordered steps, one per textbook line, and passes from program to program.

Others use ``network.network``, ``graph.program`` and ``descent.program`` for the program of a description, the types of
``steps``, the passes ``passes.matrices``, ``passes.rows`` and ``paths.full``, and ``lean`` where only results count.
"""
