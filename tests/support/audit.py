"""The audit of the source documents: every value that they print, and the quantity of a shipped spec that it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml
from oracle import PUBLISHED

AUDIT = yaml.safe_load((PUBLISHED / "audit.yaml").read_text(encoding="utf-8"))
Quantity = str | list[Any] | Callable[[Mapping[str, float]], float]


def matrix(layer: int, size: int = 3) -> list[list[str]]:
    """Gradients as the slides write them: a row per source, a column per neuron."""
    return [[f"dE/dw[{layer},{j},{i}]" for j in range(1, size + 1)] for i in range(1, size + 1)]


MAZUR = {
    "net_h1": "z[1,1]",
    "out_h1": "a[1,1]",
    "out_h1 (operand)": "a[1,1]",
    "out_h2": "a[1,2]",
    "net_o1": "z[2,1]",
    "out_o1": "a[2,1]",
    "out_o2": "a[2,2]",
    "E_o1": "E[1]",
    "E_o2": "E[2]",
    "E_total": "E",
    "dE_total/dout_o1": "dE/da[2,1]",
    "dout_o1/dnet_o1": "da[2,1]/dz[2,1]",
    "dnet_o1/dw_5": "a[1,1]",
    "dE_total/dw_5": "dE/dw[2,1,1]",
    "w_5^+": "w[2,1,1]+",
    "w_6^+": "w[2,1,2]+",
    "w_7^+": "w[2,2,1]+",
    "w_8^+": "w[2,2,2]+",
    "dnet_o1/dout_h1 = w_5": "w[2,1,1]",
    "dE_o1/dnet_o1": "dE/dz[2,1]",
    "dE_o1/dout_h1": "dE[1]/da[1,1]",
    "dE_o2/dout_h1": "dE[2]/da[1,1]",
    "dE_total/dout_h1": "dE/da[1,1]",
    "dout_h1/dnet_h1": "da[1,1]/dz[1,1]",
    "dnet_h1/dw_1 = i_1": "x[1]",
    "dE_total/dw_1": "dE/dw[1,1,1]",
    "w_1^+": "w[1,1,1]+",
    "w_2^+": "w[1,1,2]+",
    "w_3^+": "w[1,2,1]+",
    "w_4^+": "w[1,2,2]+",
    "E_total after first update": "E+",
}
LAYERED = {
    "o_2^{[2]}": "a[2,2]",
    "a_1^{[2]} (operand)": "a[2,1]",
    "dJ/da_1^{[2]}": "dE/da[2,1]",
    "da_1^{[2]}/dz_1^{[2]} (left side misprinted dJ/da_1^{[2]})": "da[2,1]/dz[2,1]",
    "a_1^{[1]} (operand)": "a[1,1]",
    "dJ/dw_{11}^{[2]}": "dE/dw[2,1,1]",
    "w_{11}^{[2]*}": "w[2,1,1]+",
    "a_2^{[1]} (third factor)": "a[1,2]",
    "dJ/dw_{21}^{[2]}": "dE/dw[2,1,2]",
    "w_{21}^{[2]*}": "w[2,1,2]+",
    "w_{12}^{[2]*}": "w[2,2,1]+",
    "w_{22}^{[2]*}": "w[2,2,2]+",
    "dE_o1/dz_1^{[2]}": "dE/dz[2,1]",
    "dE_o1/dz_1^{[2]} (operand)": "dE/dz[2,1]",
    "dE_o1/da_1^{[1]}": "dE[1]/da[1,1]",
    "dE_o2/da_1^{[1]}": "dE[2]/da[1,1]",
    "dJ/da_1^{[1]}": "dE/da[1,1]",
    "da_1^{[1]}/dz_1^{[1]}": "da[1,1]/dz[1,1]",
    "dz_1^{[1]}/dw_{11}^{[1]} = x_1": "x[1]",
    "dJ/dw_{11}^{[1]}": "dE/dw[1,1,1]",
    "E_o1, E_o2, J (heading l.195 only, figure lost)": ["E[1]", "E[2]", "E"],
    "w_{11}^{[1]*} and the other hidden weights (never updated in 000)": [
        f"w[1,{j},{i}]+" for j in (1, 2) for i in (1, 2)
    ],
}
MLP = {
    **{f"Z_{j}": f"z[1,{j}]" for j in (1, 2)},
    **{f"H_{j}": f"a[1,{j}]" for j in (1, 2)},
    "Z_0": "z[2,1]",
    "H_0 = O": "a[2,1]",
    "L": "E",
    "dL/dO": "dE/da[2,1]",
    "dO/dz_0": "da[2,1]/dz[2,1]",
    "dL/dZ_0": "dE/dz[2,1]",
    "dL/dZ_0 (repeated)": "dE/dz[2,1]",
    **{f"dL/dw_{i}": f"dE/dw[2,1,{i}]" for i in (1, 2)},
    "dL/db_0": "dE/db[2,1]",
    **{f"dL/dH_{j}": f"dE/da[1,{j}]" for j in (1, 2)},
    **{f"dH_{j}/dz_{j}": f"da[1,{j}]/dz[1,{j}]" for j in (1, 2)},
    **{f"dL/dz_{j}": f"dE/dz[1,{j}]" for j in (1, 2)},
    **{f"dL/dw_{{{i}{j}}}": f"dE/dw[1,{j},{i}]" for i in (1, 2) for j in (1, 2)},
    **{f"dL/db_{j}": f"dE/db[1,{j}]" for j in (1, 2)},
    **{f"w_{i} new": f"w[2,1,{i}]+" for i in (1, 2)},
    "b_0 new (left as exercise)": "b[2,1]+",
    **{f'w_{{{i}{j}}} new ("do yourself")': f"w[1,{j},{i}]+" for i in (1, 2) for j in (1, 2)},
    **{f'b_{j} new ("do yourself")': f"b[1,{j}]+" for j in (1, 2)},
    "L after the correct update": "E+",
}
UNITS = (1, 2, 3)
EXAM = {
    **{f"W^{{[1]}}x[{j}]": (lambda v, j=j: v[f"z[1,{j}]"] - v[f"b[1,{j}]"]) for j in UNITS},
    **{f"z^{{[1](1)}}[{j}]": f"z[1,{j}]" for j in UNITS},
    **{f"A^{{[1](1)}}[{j}]": f"a[1,{j}]" for j in UNITS},
    "A^{[1](1)}[3] first reading": "a[1,3]",
    **{f"w^{{[2]}}A term {j}": (lambda v, j=j: v[f"w[2,1,{j}]"] * v[f"a[1,{j}]"]) for j in UNITS},
    "w^{[2]}A sum": lambda v: v["z[2,1]"] - v["b[2,1]"],
    "z^{[2](1)}": "z[2,1]",
    "yhat = A^{[2](1)}": "a[2,1]",
    "A^{[2](1)} (operand)": "a[2,1]",
    "dz^{[2](1)}": "dE/dz[2,1]",
    "dz^{[2](1)} (operand)": "dE/dz[2,1]",
    **{f"dw^{{[2]}}[{i}]": f"dE/dw[2,1,{i}]" for i in UNITS},
    "db^{[2]} = dz^{[2](1)} (misprinted dw~^{(2)})": "dE/db[2,1]",
    **{f"(w^{{[2]}})^T dz^{{[2](1)}}[{j}]": f"dE/da[1,{j}]" for j in UNITS},
    **{f"g'(z)[{j}]": f"da[1,{j}]/dz[1,{j}]" for j in UNITS},
    "dz^{[1]}[1]": "dE/dz[1,1]",
    "dz^{[1]}[2] = db^{[1]}[2]": "dE/db[1,2]",
    "dz^{[1]}[3] = db^{[1]}[3]": "dE/db[1,3]",
    **{f"dw^{{[1]}}[{j},{i}]": f"dE/dw[1,{j},{i}]" for j in UNITS for i in (1, 2)},
    "yhat - y (operand for db^{[1]})": "dE/dz[2,1]",
    "db^{[1]}[1]": "dE/db[1,1]",
    'loss ("loss =" left empty)': "E",
}
THREES = {
    **{f"h1_in = h1_out[{j}]": f"a[1,{j}]" for j in UNITS},
    **{f"h2_in[{j}]": f"z[2,{j}]" for j in UNITS},
    **{f"h2_out[{j}]": f"a[2,{j}]" for j in UNITS},
    **{f"o_in[{j}]": f"z[3,{j}]" for j in UNITS},
    **{f"O_out[{j}]": f"a[3,{j}]" for j in UNITS},
}
ENTROPY = {
    **{f"1-O_out{k}": (lambda v, k=k: 1 - v[f"a[3,{k}]"]) for k in (2, 3)},
    "-log(0.2698)": "E[1]",
    "-log(0.6777)": "E[2]",
    "-log(0.5922)": "E[3]",
}
DELTAS = {
    "delta W_jk (exact, natural-log sum BCE)": matrix(2),
    "delta W_ij (layer 1, never derived in 004)": matrix(1),
    "delta W_kl exact": matrix(3),
}

LAST_EXAMPLE = "004 cross-entropy of the 3-3-3-3 net (printed twice, l.242-247 and l.730-736)"
SHIPPED: dict[str, tuple[str, Mapping[str, Quantity]]] = {
    "000-A 4->1 sigmoid output": (
        "one-neuron",
        {"o_1^{[2]} (weighted sum, written o)": "z[1,1]", "o_1^{[2]} = sigma(.)": "a[1,1]"},
    ),
    "000-D Mazur 2-2-2": ("mazur-layered", LAYERED),
    "002 2-2-1 BCE": ("mlp-bce", MLP),
    "003 2-3-1 BCE": ("exam-2-3-1", EXAM),
    "004 Mazur 2-2-2": ("mazur", MAZUR),
    "004 3-3-3-3 relu/sigmoid/softmax": ("relu-sigmoid-softmax", THREES),
    LAST_EXAMPLE: ("relu-sigmoid-softmax", ENTROPY),
    "004 3-3-3-3 backward formulas (no numbers printed)": ("relu-sigmoid-softmax", DELTAS),
}
"""Example of the audit: the spec that is shipped, and the quantity of the audit as an id (or worked out from ids)."""


def look_up(found: Mapping[str, float], quantity: Quantity) -> Any:
    if isinstance(quantity, list):
        return [look_up(found, part) for part in quantity]
    return quantity(found) if callable(quantity) else found[quantity]
