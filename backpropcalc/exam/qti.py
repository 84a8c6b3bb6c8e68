"""QTI 2.1: an item for each form, in a package that learning platforms import.

Elements as in the IMS Question and Test Interoperability specification, version 2.1: a ``textEntryInteraction`` for
each value, and for each a condition that compares with ``equal`` within an absolute tolerance and adds the points.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from .bank import Form, Item

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the package: the same forms make the same bytes."""


def package(forms: Sequence[Form]) -> bytes:
    """The zip file with the manifest and an item for each form."""
    names = [f"form-{form.letter or 'x'}.xml" for form in forms]
    files = {"imsmanifest.xml": _manifest(forms, names)} | {
        name: item(form) for name, form in zip(names, forms, strict=True)
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, BEGINNING), text)
    return stream.getvalue()


def item(form: Form) -> str:
    """The assessment item of a form."""
    root = Element(
        "assessmentItem",
        xmlns=QTI,
        identifier=f"form-{form.digest}",
        title=form.name,
        adaptive="false",
        timeDependent="false",
    )
    for n, asked in enumerate(form.items, 1):
        declaration = SubElement(
            root, "responseDeclaration", identifier=f"R{n}", cardinality="single", baseType="float"
        )
        SubElement(SubElement(declaration, "correctResponse"), "value").text = asked.shown
    for name, value in (("SCORE", 0.0), ("MAXSCORE", sum(asked.points for asked in form.items))):
        outcome = SubElement(root, "outcomeDeclaration", identifier=name, cardinality="single", baseType="float")
        SubElement(SubElement(outcome, "defaultValue"), "value").text = f"{value:g}"
    body = SubElement(root, "itemBody")
    _given(body, form)
    for n, asked in enumerate(form.items, 1):
        line = SubElement(body, "p")
        line.text = f"{asked.name} = "
        SubElement(line, "textEntryInteraction", responseIdentifier=f"R{n}", expectedLength="14")
    processing = SubElement(root, "responseProcessing")
    for n, asked in enumerate(form.items, 1):
        _condition(processing, n, asked)
    return _written(root)


def _given(body: Element, form: Form) -> None:
    table = SubElement(body, "table")
    rows = SubElement(table, "tbody")
    for label, said in form.given:
        row = SubElement(rows, "tr")
        SubElement(row, "th").text = label
        SubElement(row, "td").text = said
    SubElement(body, "p").text = form.asked


def _condition(processing: Element, n: int, asked: Item) -> None:
    """The points of a value if the answer lies within its tolerance."""
    found = SubElement(SubElement(processing, "responseCondition"), "responseIf")
    tolerance = f"{asked.tolerance} {asked.tolerance}"
    equal = SubElement(found, "equal", toleranceMode="absolute", tolerance=tolerance)
    SubElement(equal, "variable", identifier=f"R{n}")
    SubElement(equal, "correct", identifier=f"R{n}")
    added = SubElement(SubElement(found, "setOutcomeValue", identifier="SCORE"), "sum")
    SubElement(added, "variable", identifier="SCORE")
    SubElement(added, "baseValue", baseType="float").text = f"{asked.points:g}"


def _manifest(forms: Sequence[Form], names: Sequence[str]) -> str:
    root = Element("manifest", xmlns=PACKAGE, identifier="backpropcalc-" + "-".join(form.digest for form in forms[:1]))
    metadata = SubElement(root, "metadata")
    SubElement(metadata, "schema").text = "QTIv2.1 Package"
    SubElement(metadata, "schemaversion").text = "1.0.0"
    SubElement(root, "organizations")
    resources = SubElement(root, "resources")
    for form, name in zip(forms, names, strict=True):
        one = SubElement(resources, "resource", identifier=f"form-{form.digest}", type="imsqti_item_xmlv2p1", href=name)
        SubElement(one, "file", href=name)
    return _written(root)


def _written(root: Element) -> str:
    indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"
