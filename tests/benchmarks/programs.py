"""Other programs, for real: ``python tests/benchmarks/programs.py`` (needs torch, scikit-learn, safetensors, pdflatex).

Models: ``from_torch``, ``from_sklearn`` and ``from_safetensors`` against the models' own losses and gradients.
Gradients: the scripts of ``export --torch`` for the shipped specs and random networks, run in PyTorch; each must agree.
PDF: the page of each spec by Typst against the same page by pdflatex, as time and as size.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import sys
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
NETWORKS = (
    "mazur",
    "mazur-layered",
    "mlp-bce",
    "relu-sigmoid-softmax",
    "two-layer-phi",
    "xor",
    "one-neuron",
    "exam-2-3-1",
)
RANDOM = 200
PAGES = ("mazur", "relu-sigmoid-softmax", "xor", "graph-j", "parabola")


def gradients() -> None:
    """Every value and gradient by hand against PyTorch's."""
    import networks
    from oracle import SPECS, spec

    import backpropcalc as bp
    from backpropcalc.exchange.script import TORCH, script

    given = [bp.load(SPECS / f"{name}.yaml") for name in NETWORKS]
    given += [spec(networks.network(seed)) for seed in range(RANDOM)]
    smooth = [one for one in given if all(layer.rule.name != "step" for layer in one.layers)]
    differ = 0
    for one in smooth:
        out = io.StringIO()
        script(one, TORCH, out)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(out.getvalue(), "check.py", "exec"), {})
        except AssertionError as error:
            differ += 1
            print(f"   {one.title or one.sizes}: {error}")
    print(f"{len(smooth)} networks against PyTorch, {differ} differ {'ok' if not differ else 'MISSED'}")


def models() -> None:
    """Losses and gradients of networks that were made in PyTorch and scikit-learn."""
    import tempfile

    import numpy as np
    import torch
    from safetensors.torch import save_file
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from torch import nn

    import backpropcalc as bp

    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    x = torch.randn(4, 3)
    several, one = torch.rand(4, 2), torch.rand(4, 1).round()
    cases = [
        (nn.Tanh(), 2, nn.Sigmoid(), nn.MSELoss(), several),
        (nn.ELU(0.7), 2, nn.Identity(), nn.MSELoss(reduction="sum"), several),
        (nn.ReLU(), 3, nn.Identity(), nn.CrossEntropyLoss(), torch.tensor([0, 2, 1, 1])),
        (nn.LeakyReLU(0.1), 3, nn.Identity(), nn.CrossEntropyLoss(reduction="sum"), torch.tensor([0, 2, 1, 1])),
        (nn.Softplus(), 1, nn.Sigmoid(), nn.BCELoss(), one),
        (nn.SiLU(), 1, nn.Identity(), nn.BCEWithLogitsLoss(), one),
    ]
    for activation, outputs, last, loss, y in cases:
        model = nn.Sequential(nn.Linear(3, 4), activation, nn.Linear(4, outputs), last)
        theirs = loss(model(x), y)
        theirs.backward()
        trace = bp.from_torch(model, x, y, loss).run()
        ours = {line.id: line.value for line in trace}
        slopes = [[ours[f"dE/dw[1,{j},{i}]"] for i in range(1, 4)] for j in range(1, 5)]
        close = np.isclose(ours["E"], theirs.item()) and np.allclose(slopes, model[0].weight.grad)
        name, after = type(loss).__name__, type(activation).__name__
        print(f"{name:<18} {loss.reduction:<5} after {after:<10} {'ok' if close else 'MISSED'}")
    rng = np.random.default_rng(0)
    data = rng.normal(size=(30, 3))
    labels = np.array(["a", "b", "c"])[(data[:, 0] > 0).astype(int) + (data[:, 1] > 0)]
    for made, y in (
        (MLPClassifier((4,), alpha=0, max_iter=40), labels),
        (MLPClassifier((4,), activation="logistic", alpha=0, max_iter=40), labels == "a"),
        (MLPRegressor(hidden_layer_sizes=(4, 3), activation="tanh", alpha=0, max_iter=40), data[:, :2]),
    ):
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made.fit(data, y)
        spec = bp.from_sklearn(made, data, y)
        theirs = made.predict_proba(data) if hasattr(made, "predict_proba") else made.predict(data)
        if isinstance(made, MLPClassifier):
            picked = theirs[np.arange(30), [list(made.classes_).index(label) for label in y]]
            expected = -np.log(picked).mean()
        else:
            expected = ((data[:, :2] - theirs) ** 2).mean() / 2
        close = np.isclose(expected, spec.run()["E"].value)
        print(f"{type(made).__name__:<18} {made.out_activation_:<10} {'ok' if close else 'MISSED'}")
    with tempfile.TemporaryDirectory() as folder:
        model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)).to(torch.bfloat16)
        save_file(model.state_dict(), f"{folder}/model.safetensors")
        more = {"activation": ["relu", "identity"], "loss": "squared_error", "inputs": [1, 2, 3], "targets": [0, 0]}
        spec = bp.from_safetensors(f"{folder}/model.safetensors", **more)
        out = [spec.run()[f"a[2,{k}]"].value for k in (1, 2)]
        close = np.allclose(out, model.double()(torch.tensor([1.0, 2.0, 3.0])).tolist())
        print(f"{'safetensors':<18} {'bfloat16':<10} {'ok' if close else 'MISSED'}")


def pdf() -> None:
    """A page by Typst against pdflatex."""
    from oracle import SPECS

    import backpropcalc as bp
    from backpropcalc.render import pdf as form

    if shutil.which("pdflatex") is None:
        print("PDF: not measured (no pdflatex)")
        return
    form.ENGINES = {"pdflatex": form.ENGINES["pdflatex"]}
    for name in PAGES:
        page = bp.page(bp.load(SPECS / f"{name}.yaml"))
        found = []
        for make in (partial(form._by_typst, page), partial(form._by_tex, page, every=False)):
            times = []
            for _ in range(3):
                start = time.perf_counter()
                made = make(quiet=False, drawn=False)
                times.append(time.perf_counter() - start)
            found.append((sorted(times)[1], len(made)))
        (typst, small), (tex, large) = found
        print(
            f"{name:<24} Typst {typst:.2f} s / pdflatex {tex:.2f} s = {typst / tex:5.2f}   "
            f"size {small / large:5.2f}   bar <= 2   {'ok' if typst <= 2 * tex else 'MISSED'}"
        )


if __name__ == "__main__":
    models()
    gradients()
    pdf()
