"""The look of an HTML page: light and dark, on a phone, a screen and paper."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from importlib.resources import files

STYLE = """
:root { --ink: #1b1b1f; --paper: #fff; --soft: #5d6470; --line: #d9dde3;
  --value: #0b5394; --wrong: #a61b1b; --right: #1d6b3a; --itself: #ffe08a; --user: #e3f0ff; --needed: #2b8a3e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6ea; --paper: #16181d; --soft: #9aa3b2; --line: #343a45;
    --value: #8ab8ff; --wrong: #ff9b9b; --right: #8fd6a8;
    --itself: #6b5300; --user: #1d3350; --needed: #8fd6a8; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1rem 1.2rem 4rem; }
math { font-family: "STIX Two Math", "Latin Modern Math", "Cambria Math", math; font-size: 1.08em; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { margin-top: 2.2rem; border-bottom: 2px solid var(--line); font-size: 1.2rem; }
h3 { margin: 1.2rem 0 .3rem; color: var(--soft); font-size: 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: .4rem 0 1rem; }
caption { padding: .4rem 0; font-weight: 600; text-align: left; }
.lines { width: 100%; }
.lines th, .lines td { padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: baseline; font-weight: 400; }
.lines th { width: 1%; white-space: nowrap; }
.lines td.value { width: 1%; color: var(--value); text-align: right; white-space: nowrap; }
.lines td.reason, .said td { width: auto; color: var(--soft); font-size: .9rem; text-align: left !important;
  white-space: normal !important; }
.wide { overflow-x: auto; }
.values { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .1rem 1.2rem;
  margin: .4rem 0 1rem; padding: 0; list-style: none; }
.values .value { color: var(--value); }
.whole tr { display: grid; grid-template-columns: 5rem minmax(0, 1fr); }
.whole th, .whole td { width: auto !important; overflow: auto hidden; }
.whole th { grid-row: 1 / span 2; }
.whole td:nth-child(2) { border: 0; padding-bottom: 0; }
.whole td.value { text-align: left; }
.data th, .data td { padding: .25rem .8rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
.data th { color: var(--soft); font-weight: 500; }
.data .number { text-align: right; font-variant-numeric: tabular-nums; }
.tree td { padding: .2rem 1.2rem .2rem 0; }
.mistake, .unreadable, h4.mistake { color: var(--wrong); }
.correct, .rounded { color: var(--right); }
.missing, .note, .warning { color: var(--soft); }
.worth { color: var(--soft); font-size: .9rem; }
hr.page { margin: 3rem 0; border: 0; border-top: 2px solid var(--line); }
.strong { font-weight: 600; }
figure { margin: 1rem 0; }
.key { display: flex; flex-wrap: wrap; gap: 0 1.2rem; padding: 0; list-style: none; }
.key li::before { content: "● "; }
.picture #gradients:checked ~ .wide .forward, .picture #gradients:not(:checked) ~ .wide .backward { display: none; }
.fields fieldset { display: flex; flex-wrap: wrap; gap: .3rem 1rem; margin: .4rem 0; border: 1px solid var(--line); }
.fields legend { color: var(--soft); font-size: .9rem; }
.fields label { white-space: nowrap; }
input, button { border: 1px solid var(--soft); border-radius: 4px; background: var(--paper); color: var(--ink);
  font: inherit; }
input:not([type=checkbox]) { padding: .1rem .3rem; color: var(--value); }
input[aria-invalid] { border-color: var(--wrong); outline: 1px solid var(--wrong); }
button { padding: .2rem .7rem; cursor: pointer; }
.tools:not([hidden]) { display: flex; flex-wrap: wrap; gap: .4rem; }
.tools { position: sticky; top: 0; z-index: 1; padding: .4rem 0; background: var(--paper); }
#losses svg { width: 18rem; }
#losses .curve { stroke: var(--value); }
.fold { padding: 0; border: 0; background: none; color: inherit; font: inherit; text-align: left; }
.fold::before { content: "▾ "; }
.fold[aria-expanded=false]::before { content: "▸ "; }
.itself { background: var(--itself); }
tr.user { background: var(--user); }
tr.needed > th { box-shadow: inset 4px 0 var(--needed); padding-left: .5rem !important; }
svg .itself rect { stroke-width: 3; stroke: var(--value); }
svg .itself path { stroke: var(--value); stroke-width: 3; opacity: 1; }
.edited .said:not(.live) td, .edited figure.plot, .edited td.word, .edited p.warning { opacity: .4; }
.origin pre { overflow-x: auto; font-size: .85rem; }
@media screen {
  .later, .folded { display: none !important; }
  .asked td > math, .asked td.value > math, .unknown { visibility: hidden; }
}
@media (prefers-reduced-motion: no-preference) { .lines tr { transition: background .15s; } }
p math { margin-block: .2em; }
figcaption { color: var(--soft); font-size: .9rem; }
svg { max-width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 11px; }
svg .axis { fill: none; stroke: var(--line); }
svg .curve { fill: none; stroke-width: 1.8; }
@media screen and (min-width: 86rem) {
  main:has(> .beside) { display: grid; grid-template-columns: minmax(0, 1fr) 40rem; align-items: start;
    column-gap: 2rem; max-width: 104rem; }
  main:has(> .beside) > * { grid-column: 1; min-width: 0; }
  main > .beside { position: sticky; top: 0; grid-area: 1 / 2 / span 9999 !important; max-height: 100vh;
    margin: 0; padding-top: 1.2rem; overflow-y: auto; }
}
@media (max-width: 40rem) {
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .4rem; }
  .lines tr { display: block; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  .lines th, .lines td { display: block; width: auto !important; border: 0; padding: .1rem 0;
    text-align: left !important; }
  .lines td:nth-child(2) { overflow: auto hidden; }
  .tools button { padding: .1rem .45rem; font-size: .85rem; }
  .data { display: block; overflow-x: auto; }
}
@media print {
  :root { --ink: #000; --paper: #fff; --value: #000; }
  main { max-width: none; }
  .tools, .fields, .own { display: none; }
  .net { min-width: 0 !important; }
  details::details-content { content-visibility: visible; block-size: auto; }
  .origin pre { white-space: pre-wrap; }
  h2, h3 { break-after: avoid; }
  tr { break-inside: avoid; }
  hr.page { break-after: page; margin: 0; border: 0; }
  @page { size: A4; margin: 2cm; }
}
"""


@cache
def font() -> str:
    """The font of formulas: the signs of STIX Two Math that are used here, made by tests/support/font.py."""
    data = b64encode(files(__package__).joinpath("stix.woff2").read_bytes()).decode()
    return (
        "/* STIX Two Math, copyright 2001-2021 The STIX Fonts Project Authors, SIL Open Font License 1.1; a subset */\n"
        f'@font-face {{ font-family: "STIX Two Math"; src: url(data:font/woff2;base64,{data}) format("woff2"); }}\n'
    )
