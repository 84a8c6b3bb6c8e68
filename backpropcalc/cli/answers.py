"""``backpropcalc answers``."""

from __future__ import annotations

from .options import ASKED, Asked, Changes, SpecFile, options, output, spec_keys, write


@options(keys=spec_keys("answers"), asked=ASKED, file=output("as its suffix says: .yaml .csv .json .txt .md"))
def answers(spec: SpecFile, asked: Asked, keys: Changes, file: str | None) -> None:
    """Write the answer file to fill in: the names of all quantities in the order of the calculation.

    With --phase or --only it asks for a part; give check the same options then.

    Example: backpropcalc answers net.yaml --phase backward -o answers.yaml
    """
    from pathlib import PurePath

    from backpropcalc.errors import fail, one_of, printable
    from backpropcalc.marking.examination import questions
    from backpropcalc.marking.template import SUFFIXES, template
    from backpropcalc.spec.load import load

    suffix = PurePath(file).suffix.lower() if file and file != "-" else ".yaml"
    if suffix not in SUFFIXES:
        message = f"no answer file has the suffix {printable(suffix)!r}"
        raise fail("usage", message, one_of(suffix, tuple(SUFFIXES)))
    sheet = questions(load(spec).override(**keys), asked.only, asked.phases)
    write(file, lambda out: template(sheet, out, SUFFIXES[suffix]))
