"""The pages of the documents: their lines, in their form, with their digits."""

import io
from typing import Any

import pytest
import yaml
from commands import call
from oracle import PUBLISHED, ROOT, SPECS

import backpropcalc as bp

FORMS = yaml.safe_load((PUBLISHED / "forms.yaml").read_text(encoding="utf-8"))


def shown(form: dict[str, Any]) -> str:
    """The page, its blanks aside."""
    name, *words = form["run"].split()
    if "keys" not in form:
        done = call("run", f"specs/{name}.yaml", *words, cwd=ROOT)
        assert (0, "") == (done.code, done.err)
        return " ".join(done.out.split())
    text = (SPECS / f"{name}.yaml").read_text(encoding="utf-8").replace("decimals: 3\n", "") + form["keys"]
    out = io.StringIO()
    bp.write(bp.page(bp.loads(text)), out)
    return " ".join(out.getvalue().split())


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["source"][:40])
def test_the_page_has_the_lines_of_the_document(form: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    page = shown(form)

    assert [] == [line for line in form["lines"] if line not in page]
