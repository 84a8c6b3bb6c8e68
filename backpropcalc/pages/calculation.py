"""The page of a calculation: what is given, the lines of every iteration under their headings, and the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Var, variables
from backpropcalc.errors import fail, printable
from backpropcalc.execution.trace import Trace
from backpropcalc.execution.values import Arrays, Values
from backpropcalc.notation.notation import Notation
from backpropcalc.program.steps import Block, Step
from backpropcalc.spec.network import layer_name

from .given import data_table, parameters, samples
from .notes import Watch, loud, notes
from .overview import facts
from .picture import Shown, of_network
from .pieces import WRITTEN, Facts, Heading, Lines, Phrase, Piece, Run, Title
from .result import Recap

CACHED = 5000
"""Up to this many lines per iteration are kept for the next iteration."""
CHUNK = 200
"""How many lines are written at once."""
LARGE = 60
"""Parameters above which a network is large."""
PHASES = {
    "forward": "Forward pass",
    "loss": "Loss",
    "backward": "Backward pass",
    "update": "Update",
    "after": "After the update",
}
STAGES = ("", "stage 1: outputs", "stage 2: weighted sums", "stage 3: weights and biases")
"""The stages in which the backward pass may go through a layer; 0 is all at once."""
Chunk = tuple[Run, ...]
Headed = tuple[tuple[Heading, ...], Block, Chunk]
"""Lines of a block, and what is to be announced before them."""


@dataclass(frozen=True)
class Page:
    """What is to be shown, how: the trace, its notation, and which lines."""

    trace: Trace
    notation: Notation
    phases: frozenset[str] = frozenset()
    only: frozenset[Var] | None = None
    every: bool = False
    """Whether all that is given is listed, however many numbers they are."""

    forms = WRITTEN | {"json", "svg", "tikz"}
    untitled = "Backpropagation by hand"

    @property
    def kind(self) -> str:
        """What it is called where it cannot be written."""
        return f"a {self.trace.spec.kind}"

    @property
    def title(self) -> str:
        """What the user calls it."""
        return printable(self.trace.spec.title)

    @property
    def quoted(self) -> str:
        """All that people typed and that is written with letters of theirs."""
        return self.title

    @property
    def digits(self) -> Digits:
        """How its numbers are shown."""
        return self.trace.digits

    @property
    def exact(self) -> bool:
        """Whether its numbers are exact."""
        return bool(self.trace.spec.method.exact)

    @property
    def as_given(self) -> bool:
        """Under ``carry: rounded`` what is given has its own digits, and is worked with so."""
        return bool(self.trace.spec.method.carry == "rounded")

    @property
    def large(self) -> bool:
        """Whether a terminal works but one unit of each layer in full, unless everything is asked for."""
        return self.only is None and self.trace.spec.parameters > LARGE

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """All of it; with ``quiet`` what is given and the result."""
        yield Title(self.title, self.untitled)
        yield Facts(list(self.facts()))
        recap = Recap(self.trace, self.only)
        for values in self.trace.iterations():
            if values.iteration == self.trace.first:
                yield from self.given(values)
            recap.see(values)
            if not quiet:
                yield from self.iteration(values)
        if self.has_result:
            yield from recap.pieces()

    def facts(self) -> Iterator[tuple[str, Phrase]]:
        """What is given, each number by its name."""
        yield from facts(self.trace.spec)
        yield from samples(self.trace.spec, self.every)
        yield from parameters(self.trace.spec, self.trace.program, self.every)

    def given(self, values: Values) -> Iterator[Piece]:
        """What is given and takes more than a line; ``values`` are the numbers of the first iteration."""
        if self.only is None:
            shown = Shown(values, self.trace.computed_of_one)
            yield of_network(self.trace.spec.on(self.trace.schedule.batch(values.iteration)), shown)
            yield from data_table(self.trace.spec)

    def check(self) -> None:
        """Raises ``InputError`` if nobody could read it."""
        if self.trace.spec.method.chain == "full":
            _few_paths(self)

    def shows(self, var: Var) -> bool:
        """Whether a quantity is among those asked for."""
        return self.only is None or var in self.only

    @property
    def has_result(self) -> bool:
        """Whether the result belongs on it: not where only phases before the update are shown."""
        return not self.phases or bool(self.phases & {"update", "after"})

    @property
    def wholes(self) -> Mapping[Var, tuple[Var, ...]]:
        """Each tensor that a line may stand for, and its entries: none where every line is an entry."""
        return {}

    def announced(self, iteration: int) -> Iterator[Heading]:
        """What stands over an iteration, where there are several."""
        if self.trace.spec.iterations > 1 or not self.trace.schedule.whole:
            batch = _batch(self.trace, iteration)
            yield Heading(1, f"Iteration {iteration} of {self.trace.spec.iterations:,}{batch}")

    def headings(self, block: Block, before: Block | None) -> Iterator[Heading]:
        """What to announce before ``block``: the phase (level 2), the layer (3)."""
        if before is None or before.phase != block.phase:
            yield Heading(2, f"{self.order.index(block.phase) + 1}  {PHASES[block.phase]}")
        if before is None or before.about != block.about:
            yield Heading(3, part_of(block, len(self.trace.spec.layers)))

    @cached_property
    def order(self) -> list[str]:
        """The phases in the order in which they come."""
        program = self.trace.program
        return list(dict.fromkeys(block.phase for block in (*program.lines, *program.lines_after)))

    def iteration(self, values: Values) -> Iterator[Piece]:
        """The lines of an iteration under their headings; those that come again look the same but for their numbers."""
        n = values.iteration
        again = self._comes_again and self._watch.silent(values)
        telling = None
        if n == self.trace.first or isinstance(values, Arrays):
            steps = [step for block in (*self.blocks(n), *self.after_blocks(n)) for step in block.steps]
            explained = {step.var for step in steps if step.var.role == "via" and n == self.trace.first}
            again = again and not explained  # the first of these names is explained
            telling = loud(steps, values) | explained if isinstance(values, Arrays) else None
        over: Iterable[Heading] = self.announced(n)
        for headings, block, chunk in self._chunks(n):
            yield from (*over, *headings)
            yield self.lines(chunk, values, again and block.phase != "after", telling)
            over = ()

    def _chunks(self, iteration: int) -> Iterator[Headed]:
        """All lines of an iteration."""
        before: Block | None = None
        for part in self._recurring if self._comes_again else self._headed(self.blocks(iteration)):
            yield part
            before = part[1]
        yield from self._headed(self.after_blocks(iteration), before)

    def _headed(self, blocks: Iterable[Block], before: Block | None = None) -> Iterator[Headed]:
        for block in blocks:
            for chunk in chunks(self.runs(block)):
                yield tuple(self.headings(block, before)), block, chunk
                before = block

    @cached_property
    def _recurring(self) -> tuple[Headed, ...]:
        """The lines of every iteration, where they are the same but for their numbers."""
        return tuple(self._headed(self.blocks(self.trace.first)))

    @cached_property
    def _watch(self) -> Watch:
        return Watch([step for block in self.trace.blocks(self.trace.first) for step in self.steps(block)])

    def blocks(self, iteration: int) -> tuple[Block, ...]:
        """What is written of an iteration, block by block."""
        return self.trace.blocks(iteration)

    def after_blocks(self, iteration: int) -> tuple[Block, ...]:
        """What is written after the last update."""
        return self.trace.after_blocks(iteration)

    def lines(self, chunk: Chunk, values: Values, again: bool, telling: frozenset[Var] | None = None) -> Lines:
        """The lines of a chunk, with what must be said about some of them, of all or of those of ``telling``."""
        found = Lines(chunk, values, {}, again)
        if again or not (telling is None or any(step.var in telling for run in chunk for step in run.steps)):
            return found
        said = ((step.var, self.note(step, values)) for step in found.cells)
        return found._replace(notes={var: note for var, note in said if note})

    def note(self, step: Step, values: Values) -> str:
        """What must be said about a line; also where an exact value first grows too long to read."""
        said = notes(step, values) or self._path(step, values)
        return swells(step, values) if self.exact and not said else said

    def _path(self, step: Step, values: Values) -> str:
        """What the arrow in a name means, where there is one for the first time."""
        if step.var.role != "via" or values.iteration != self.trace.first:
            return ""
        if self._first_path.setdefault("first", step.var) != step.var:
            return ""
        whole, _, by = step.var.parts
        way = "goes straight to" if by == whole else "comes through"
        return f"the part that {way} {self.notation.text(by)}"

    @cached_property
    def _first_path(self) -> dict[str, Var]:
        return {}

    @cached_property
    def _comes_again(self) -> bool:
        """Whether there are other iterations of the same lines, and few enough lines to keep."""
        if self.trace.spec.iterations <= self.trace.first or self.trace.program.size > CACHED or self.exact:
            return False
        return bool(self.trace.schedule.whole)

    def runs(self, block: Block) -> Iterator[Run]:
        """The lines of a block that are to be shown, in the order of writing."""
        if self.phases and block.phase not in self.phases:
            return
        for steps, entries in block.runs:
            if self.only is None:
                yield Run(steps, entries, block.phase)
                continue
            for at in entries:
                shown = tuple(step for step in steps if self.shows(step.var.at(at)))
                if shown:
                    yield Run(shown, (at,), block.phase)

    def steps(self, block: Block) -> Iterator[Step]:
        """The scalar steps of a block that are to be shown."""
        return (step.cell(at) for run in self.runs(block) for at in run.entries for step in run.steps)


class AboutPage:
    """A document in the notation and with the digits of a page."""

    large = False

    @cached_property
    def page(self) -> Page:
        """The page that it is about."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What the user calls it."""
        return self.page.title

    @property
    def notation(self) -> Notation:
        """The names of its quantities."""
        return self.page.notation

    @property
    def digits(self) -> Digits:
        """How its numbers are shown."""
        return self.page.digits

    @property
    def exact(self) -> bool:
        """Whether its numbers are exact."""
        return self.page.exact

    @property
    def as_given(self) -> bool:
        """Under ``carry: rounded`` what is given has its own digits."""
        return self.page.as_given


def part_of(block: Block, depth: int) -> str:
    """What a block is about: the sample, the layer, the stage in which the layer is gone through."""
    sample = f"sample {block.sample + 1}" if block.sample is not None else ""
    layer = layer_name(block.layer, depth) if block.layer else ""
    return ", ".join(filter(None, (sample, layer, STAGES[block.stage])))


def chunks(runs: Iterable[Run]) -> Iterator[Chunk]:
    """Runs put together or divided so that no chunk has more than ``CHUNK`` lines."""
    chunk: list[Run] = []
    room = CHUNK
    for steps, entries, phase in runs:
        start = 0
        while start < len(entries):
            count = max(1, room // len(steps))
            part = entries[start : start + count]
            chunk.append(Run(steps, part, phase))
            start += len(part)
            room -= len(part) * len(steps)
            if room < len(steps):
                yield tuple(chunk)
                chunk, room = [], CHUNK
    if chunk:
        yield tuple(chunk)


def _batch(trace: Trace, iteration: int) -> str:
    """Which batch and samples an iteration works with; empty if it is always all of them."""
    schedule = trace.schedule
    if schedule.whole:
        return ""
    epoch, batch = schedule.position(iteration)
    samples = [str(s + 1) for s in schedule.batch(iteration)]
    shown = ", ".join(samples[:4]) + (", …" if len(samples) > 4 else "")
    return f": epoch {epoch:,}, batch {batch:,}, {'sample' if len(samples) == 1 else 'samples'} {shown}"


def swells(step: Step, values: Values) -> str:
    """What must be said where an exact value first grows too long to read."""
    from backpropcalc.algebra.exact import READABLE, is_decimal

    if not is_decimal(values.of(step.var)) or any(is_decimal(values.of(var)) for var in variables(step.term)):
        return ""
    return f"more than {READABLE} characters if exact: a decimal from here on"


def _few_paths(page: Page) -> None:
    """Raises ``InputError`` if a gradient that is shown has more paths to the loss than anyone writes down."""
    from backpropcalc.program.paths import MOST, counts

    paths = dict(counts(page.trace.program.blocks))
    shown = (step.var for block in page.trace.program.blocks for step in page.steps(block) if step.var.role == "d")
    for var in shown:
        count = paths.get(replace(var, index=None), 0)
        if count > MOST:
            name = page.notation.ascii(var)
            help = "--chain delta goes back layer by layer; --only NAME shows a parameter nearer to the output"
            raise fail("too-many-paths", f"{name} has {count:,} paths to the loss, more than {MOST}", help)
