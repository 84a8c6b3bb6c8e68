"""The spec file: YAML to a frozen description, every problem of the file found in one reading.

Others use ``load.load`` and ``load.loads``, the descriptions themselves (``model.Spec``, ``network.Network``,
``graph.Graph``, ``descent.Descent``), the table of keys (``keys``) and what comes with specs (``schema``, ``new``,
``examples``). A key is one entry of ``keys``; whatever is more than a word, a number or a switch is read by the
``decode_…`` module of its subject, over the base ``reader.Reader``.
"""
