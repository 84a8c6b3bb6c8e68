"""``backpropcalc derive``."""

from __future__ import annotations

import typer

from backpropcalc.pages import FORMS as PAGES

from .options import Changes, Every, SpecFile, Target, as_typed, options, spec_keys, target


@options(keys=spec_keys("derive"), target=target(*PAGES, "svg", "tikz"))
def derive(context: typer.Context, spec: SpecFile, target: Target, keys: Changes, every: Every = False) -> None:
    """The rules of the network in symbols, each derivative derived; sizes without numbers are enough.

    Example: backpropcalc derive net.yaml --view matrix -o rules.tex
    """
    from backpropcalc import render
    from backpropcalc.pages.derivation import Derivation
    from backpropcalc.spec.load import load
    from backpropcalc.spec.network import as_network

    loaded = as_network(load(spec)).override(**keys)
    looks = target.looks(command=as_typed(context), every=every)
    target.write(lambda out: render.write(Derivation(loaded, every), out, target.form, **looks))
