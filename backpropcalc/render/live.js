
/** Makes a page live. `page` has the ids of all quantities, what is given, and the functions that work the lines out. */
function live(page) {
  const { ids, digits } = page;
  const slots = new Map(ids.map((id, n) => [id, n]));
  const constants = page.constants.map(number);
  const start = page.given.map(number);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const fields = new Map(all(".fields input").map((field) => [field.name, field]));
  const written = new Map([...fields].map(([id, field]) => [id, field.value]));
  let given = [...start], updates = 0, runs = [], following = [], losses = [];

  // The numbers

  function work() {
    let now = [...given];
    runs = [];
    for (let n = 1; n <= page.iterations; n++) {
      const v = [...now];
      if (page.count !== null) v[page.count] = number(String(updates * page.iterations + n));
      page.work(v, constants);
      if (n === page.iterations) page.after(v, constants);
      runs.push(v);
      for (const [old, renewed] of page.carried) now[old] = v[renewed];
    }
    following = now;
  }

  /** What a quantity needs: the slots of the names in its formula. */
  const needs = (slot) => page.needs[slot - start.length] || [];
  const isLasting = (v, slot) => isWhole(v[slot], digits) && needs(slot).every((need) => isWhole(v[need], digits));

  /** The digits of a quantity in an iteration, whether they are all of it, and its value. */
  function figure({ slot, run, since }) {
    const v = runs[run];
    const value = since ? sub(v[slot], runs[since.run][since.slot]) : v[slot];
    if (!isFinite_(value)) return { text: String(value.s), whole: true, value };
    const lasting = since || slot >= start.length + page.needs.length ? isWhole(value, digits) : isLasting(v, slot);
    const { text, whole } = shown(value, digits, lasting);
    return { text, whole: whole && lasting, value };
  }

  const place = (id, run) => ({ slot: slots.get(id), run: Math.min(Number(run || 1), page.iterations) - 1 });

  function placeOf(element, id) {
    return place(id, element.dataset.n || element.closest("[data-n]")?.dataset.n);
  }

  const cells = all("[data-id], [data-change]").map((element) => {
    const [id, run] = (element.dataset.since || "").split(" ");
    return { element, ...placeOf(element, element.dataset.id || element.dataset.change), since: id ? place(id, run) : null };
  }).filter(({ slot }) => slot !== undefined);
  const signs = all("[data-sign]").map((element) => ({
    element, places: element.dataset.sign.split(" ").map((id) => placeOf(element, id)),
  })).filter(({ places }) => places.every(({ slot }) => slot !== undefined));
  const moves = all("[data-moved]").map((element) => {
    const [before, n, after, m] = element.dataset.moved.split(" ");
    return { element, before: place(before, n), after: place(after, m) };
  });

  /** Write every number that is no longer the same. */
  function refresh() {
    for (const cell of cells) {
      const { text } = figure(cell);
      if (cell.text !== undefined && cell.text !== text) write(cell.element, text);
      cell.text = text;
    }
    for (const sign of signs) {
      const text = sign.places.every((at) => figure(at).whole) ? "=" : "≈";
      if (sign.text !== undefined && sign.text !== text) sign.element.textContent = text;
      sign.text = text;
    }
    for (const move of moves) {
      const text = percent(double(figure(move.before).value), double(figure(move.after).value));
      if (move.text !== undefined && move.text !== text) move.element.textContent = text;
      move.text = text;
    }
  }

  // The state: what is given, in the fields and in the address

  function change(id, text) {
    const value = number(text), field = fields.get(id);
    field?.toggleAttribute("aria-invalid", value === null);
    if (value === null) return say(`'${text}' is not a number`);
    given[slots.get(id)] = value;
    follow();
    say(document.querySelector(".said, td.word, figure.plot") ? "dimmed: said of the numbers as they were" : "");
  }

  function follow() {
    work();
    refresh();
    document.body.classList.toggle("edited", given.some((value, n) => value !== start[n]));
    remember();
  }

  const LONG = { decimals: null, significant: 40 };

  function remember() {
    const changed = [];
    for (let n = 0; n < start.length; n++) {
      if (given[n] !== start[n] && isFinite_(given[n])) changed.push([ids[n], shown(given[n], LONG, true).text]);
    }
    if (updates) changed.push(["updates", updates]);
    const hash = changed.map(([id, text]) => `${encodeURIComponent(id)}=${encodeURIComponent(text)}`).join("&");
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  }

  function recall() {
    given = [...start];
    updates = 0;
    for (const part of location.hash.slice(1).split("&")) {
      const [id, text] = part.split("=").map(decodeURIComponent);
      if (id === "updates" && /^\d{1,6}$/.test(text)) updates = Number(text);
      const value = slots.get(id) < start.length && text ? number(text) : null;
      if (value) given[slots.get(id)] = value;
    }
    losses = [];
    fill();
    follow();
  }

  function fill() {
    for (const [id, field] of fields) {
      const value = given[slots.get(id)];
      field.value = value === start[slots.get(id)] ? written.get(id) : isFinite_(value) ? shown(value, digits, true).text : value.s;
      field.removeAttribute("aria-invalid");
    }
    one("update").textContent = updates ? `Update (iteration ${updates * page.iterations + 1})` : "Update";
  }

  function update() {
    const root = slots.get(page.root);
    if (!losses.length) losses.push(...runs.map((v) => double(v[root])));
    given = [...following];
    updates++;
    work();
    losses.push(...runs.map((v) => double(v[root])));
    fill();
    follow();
    draw(one("losses"), losses);
    say(`iteration ${updates * page.iterations + 1}: the new weights are given`);
  }

  function reset() {
    given = [...start];
    updates = 0;
    losses = [];
    one("losses").hidden = true;
    fill();
    follow();
    say("as it was");
  }

  const say = (text) => { one("said").textContent = text; };

  // Looking along the paths

  const rows = all("tr[data-line]").map((row) => ({
    row, id: row.dataset.line,
    slots: [...row.querySelectorAll("td.value [data-id]")].map((cell) => slots.get(cell.dataset.id)),
  }));
  let pinned = null;

  const meant = (id) => (slots.has(id) ? [slots.get(id)] : rows.filter((row) => row.id === id).flatMap((row) => row.slots));

  /** All derivatives that the loss's derivative by a quantity is worked out from, itself included. */
  function gradient(id) {
    const found = new Set(), open = meant(`d${page.root}/d${id}`);
    while (open.length) {
      const slot = open.pop();
      if (found.has(slot) || !/^d.*\/d/.test(ids[slot])) continue;
      found.add(slot);
      open.push(...needs(slot));
    }
    return found;
  }

  function light(id) {
    for (const tone of ["itself", "user", "needed"]) all(`.${tone}`).forEach((element) => element.classList.remove(tone));
    if (id === null) return;
    const wanted = new Set(meant(id)), path = gradient(id);
    all("[data-q], [data-id], [data-line]").forEach((element) => {
      const { q, id: own, line } = element.dataset;
      if ([q, own, line].includes(id)) element.classList.add("itself");
    });
    for (const { row, id: line, slots: own } of rows) {
      if (line === id) continue;
      if (own.some((slot) => needs(slot).some((need) => wanted.has(need)))) row.classList.add("user");
      if (own.some((slot) => path.has(slot))) row.classList.add("needed");
    }
  }

  function quantity(target) {
    const element = target.closest?.("[data-q], [data-id], tr[data-line] th");
    return element ? element.dataset.q || element.dataset.id || element.parentElement.dataset.line : null;
  }

  let before = "";

  /** What lies under the pointer or has the focus; what a page scrolls under a resting pointer does not count. */
  function follows(event) {
    const where = event.type === "pointerover" ? `${event.clientX} ${event.clientY}` : null;
    if (pinned === null && where !== before) light(quantity(event.target));
    before = where || before;
  }

  function pin(event) {
    if (event.target.closest("input, button, label, summary")) return;
    const id = quantity(event.target);
    pinned = id === pinned ? null : id;
    light(pinned);
  }

  // Step by step

  let at = -1;
  const drawn = all("svg [data-id]").map((element) => ({
    element, row: rows.find(({ slots: own }) => own.includes(slots.get(element.dataset.id)))?.row,
  }));
  const later = all("main > h2, main > h3, main > p:not(.tools), main > figure:not(.picture), main > table, main > .wide");

  function stepping(on) {
    document.body.classList.toggle("stepping", on);
    one("step").setAttribute("aria-pressed", on);
    at = -1;
    rows.forEach(({ row }) => hide(row, false));
    later.forEach((part) => part.classList.remove("later"));
    rows.forEach(({ row }) => row.classList.remove("later", "now"));
    veil();
    if (on) go(0);
  }

  /** Leave out of the picture what is not yet worked out. */
  function veil() {
    for (const { element, row } of drawn) {
      element.classList.toggle("unknown", Boolean(row) && (row.classList.contains("later") || row.classList.contains("asked")));
    }
  }

  function go(n) {
    if (n < 0 || n >= rows.length) return;
    if (at >= 0) hide(rows[at].row, false);
    at = n;
    rows.forEach(({ row }, k) => {
      row.classList.toggle("later", k > n);
      row.classList.toggle("now", k === n);
    });
    const { row } = rows[n];
    for (const part of later) {
      const behind = row.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING;
      part.classList.toggle("later", Boolean(behind) && !part.contains(row));
    }
    hide(row, true);
    row.scrollIntoView({ block: "nearest" });
    say(`line ${n + 1} of ${rows.length}`);
  }

  /** Hide the right side of a line, with a field for the reader's own number, or show it again. */
  function hide(row, on) {
    row.querySelector(".own")?.remove();
    row.classList.toggle("asked", on);
    veil();
    if (!on) return;
    const own = document.createElement("span"), show = document.createElement("button");
    own.className = "own";
    show.type = "button";
    show.textContent = "Show";
    show.addEventListener("click", () => hide(row, false));
    const cells = row.querySelectorAll("td.value [data-id]");
    if (cells.length === 1) {
      const field = document.createElement("input");
      field.setAttribute("aria-label", "your number");
      field.placeholder = "your number";
      field.size = 12;
      field.addEventListener("input", () => {
        if (!agrees(field.value, figure(placeOf(cells[0], cells[0].dataset.id)).value)) return;
        hide(row, false);
        say("Right.");
      });
      own.append(field, " ");
    }
    own.append(show);
    row.querySelector("td.value").append(own);
  }

  function key(event) {
    const typing = event.target.closest("input");
    if (event.key === "Escape") {
      light(pinned = null);
      if (at >= 0) stepping(false);
    } else if (event.key === "Enter" && event.target.closest("th") && pinned !== quantity(event.target)) pin(event);
    if (at < 0 || (typing && !["ArrowDown", "ArrowUp"].includes(event.key))) return;
    if (["ArrowRight", "ArrowDown"].includes(event.key)) {
      if (rows[at].row.classList.contains("asked")) hide(rows[at].row, false);
      else go(at + 1);
    } else if (["ArrowLeft", "ArrowUp"].includes(event.key)) go(at - 1);
    else return;
    event.preventDefault();
  }

  // Folding

  function foldable(heading) {
    const button = document.createElement("button");
    const level = Number(heading.localName[1]);
    button.type = "button";
    button.className = "fold";
    button.setAttribute("aria-expanded", "true");
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") === "false";
      button.setAttribute("aria-expanded", open);
      for (let part = heading.nextElementSibling; part && !(/^H[1-6]$/.test(part.tagName) && part.localName[1] <= level); part = part.nextElementSibling) {
        part.classList.toggle("folded", !open);
      }
    });
  }

  // Copies

  function copied(form) {
    const lines = (pinned === null ? rows : rows.filter(({ id }) => id === pinned)).map(({ row }) =>
      [...row.cells].map((cell) => [...cell.querySelectorAll("math")].map((math) => form.of(math)).join(" ")));
    return form.all(lines.filter((line) => line[0]));
  }

  async function copy(form) {
    const text = copied(form);
    try {
      await navigator.clipboard.writeText(text);
      say("copied");
    } catch {
      say("this browser lets no page copy");
    }
    return text;
  }

  one("update").hidden = !page.carried.length;
  one("update").addEventListener("click", update);
  one("reset").addEventListener("click", reset);
  one("step").addEventListener("click", () => stepping(at < 0));
  one("copy-latex").addEventListener("click", () => copy(LATEX));
  one("copy-text").addEventListener("click", () => copy(TEXT));
  document.querySelector(".fields form").addEventListener("submit", (event) => event.preventDefault());
  fields.forEach((field, id) => field.addEventListener("input", () => change(id, field.value)));
  document.addEventListener("pointerover", follows);
  document.addEventListener("focusin", follows);
  document.addEventListener("click", pin);
  document.addEventListener("keydown", key);
  addEventListener("hashchange", recall);
  rows.forEach(({ row }) => { row.cells[0].tabIndex = 0; });
  all("main > h2, main > h3").forEach(foldable);
  document.querySelector(".tools").hidden = false;
  work();
  refresh();
  if (location.hash.length > 1) recall();
  else fill();
}

// Numbers on the page

const MATHML = document.querySelector("math").namespaceURI;

function math(name, ...children) {
  const element = document.createElementNS(MATHML, name);
  element.append(...children);
  return element;
}

function write(element, text) {
  if (element.namespaceURI === MATHML) element.replaceChildren(...formula(text, Number(element.dataset.g || 0)));
  else element.textContent = plain(text);
}

/** A number as MathML, in parentheses where a sign of operation or a power stands beside it. */
function formula(text, guard) {
  if (text === "NaN") return [math("mtext", "?")];
  const minus = text[0] === "-", rest = text.replace("-", "");
  const [digits, power] = rest.split("e"), [above, below] = rest.split("/");
  let parts = [math("mn", digits)];
  if (rest === "Infinity") parts = [math("mi", "∞")];
  else if (below) parts = [math("mfrac", math("mn", above), math("mn", below))];
  else if (power) parts.push(math("mo", "·"), math("msup", math("mn", "10"), math("mn", power.replace("-", "−"))));
  if (minus) parts.unshift(math("mo", "−"));
  const enclosed = (guard && minus) || (guard === 2 && (power || below));
  return enclosed ? [math("mo", "("), ...parts, math("mo", ")")] : parts;
}

/** A number as plain text. */
function plain(text) {
  const raised = (power) => [...power].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"["0123456789-".indexOf(c)]).join("");
  if (text === "NaN") return "?";
  const [digits, power] = text.replace("Infinity", "∞").split("e");
  return digits.replace("-", "−") + (power ? `·10${raised(power)}` : "");
}

function percent(before, after) {
  if (!Number.isFinite(before) || !Number.isFinite(after) || !before) return "";
  const moved = (100 * (after - before)) / before, far = Math.abs(moved);
  return `   (${moved < 0 ? "−" : "+"}${Number(far.toPrecision(far < 99.95 || far >= 100 ? 3 : 6))} %)`;
}

/** Whether a number as typed is a value, rounded to the digits that are typed. */
function agrees(text, value) {
  const x = number(text), typed = /^[^.,eE/]*(?:[.,](\d*))?(?:[eE]([+-]?\d+))?/.exec(text.trim());
  if (!x || !isFinite_(value)) return false;
  if (isZero(x) !== isZero(value)) return false;
  const place = Number(typed[2] || 0) - (typed[1] || "").length;
  const unit = place < 0 ? { n: 1n, d: ten(-place) } : { n: ten(place), d: 1n };
  return !above(mul(TWO, abs(sub(value, x))), x.text ? ZERO : unit);
}

/** A small curve of the losses. */
function draw(figure, losses) {
  const known = losses.filter(Number.isFinite), low = Math.min(...known), high = Math.max(...known);
  const points = losses.map((loss, n) => `${10 + (280 * n) / Math.max(1, losses.length - 1)},${70 - (60 * (loss - low)) / (high - low || 1)}`);
  figure.querySelector("polyline").setAttribute("points", points.join(" "));
  figure.querySelector("svg").setAttribute("aria-label", `the loss over ${losses.length} iterations`);
  figure.querySelector("figcaption").textContent =
    `loss ${known[0].toPrecision(6)} → ${known[known.length - 1].toPrecision(6)} over ${losses.length - 1} updates`;
  figure.hidden = false;
}

// Copies: MathML as LaTeX and as text

const GREEK = Object.fromEntries(
  "αalpha βbeta γgamma δdelta εepsilon ζzeta ηeta θtheta λlambda μmu νnu ξxi πpi ρrho σsigma τtau φphi χchi ψpsi ωomega"
    .split(" ").map((word) => [word[0], `\\${word.slice(1)} `]),
);
const SIGNS = {
  "−": "-", "·": "\\cdot ", "≈": "\\approx ", "∂": "\\partial ", "∑": "\\sum ", "≥": "\\ge ", "⊙": "\\odot ", "→": "\\to ",
  "×": "\\times ", "∞": "\\infty ", "⁡": "", "{": "\\{", "…": "\\dots ", "⋮": "\\vdots ", "⋱": "\\ddots ",
};
const FUNCTIONS = new Set(["ln", "sin", "cos", "tan", "tanh", "arctan", "max", "min"]);

const LATEX = {
  leaf(text, name) {
    if (name === "mo" || name === "mi") {
      if (text in SIGNS) return SIGNS[text];
      if (text in GREEK) return GREEK[text];
      if (FUNCTIONS.has(text)) return `\\${text} `;
    }
    const safe = text.replace(/[\\{}$&#%_^~]/g, (c) => `\\${"\\^~".includes(c) ? `char${c.charCodeAt(0)} ` : c}`);
    return name === "mtext" && /[^\w[\]*+]/.test(text) ? `\\text{${safe}}` : safe;
  },
  mfrac: (a, b) => `\\frac{${a}}{${b}}`,
  msup: (a, b) => `${a}^{${b}}`,
  msub: (a, b) => `${a}_{${b}}`,
  msubsup: (a, b, c) => `${a}_{${b}}^{${c}}`,
  munder: (a, b) => `\\underset{${b}}{${a}}`,
  msqrt: (...parts) => `\\sqrt{${parts.join("")}}`,
  mtd: (...parts) => parts.join(""),
  mtr: (...cells) => cells.join(" & "),
  mtable: (...rows) => `\\begin{matrix} ${rows.join(" \\\\ ")} \\end{matrix}`,
  of: (node) => read(node, LATEX),
  all: (lines) => `\\begin{align*}\n${lines.map(([name, work, value]) => `${name} &${work} ${value}`).join(" \\\\\n")}\n\\end{align*}\n`,
};

const group = (text) => (/^[\w.∂]*$/.test(text) ? text : `(${text})`);
const TEXT = {
  leaf: (text, name) => (name === "mo" && /[=≈+−·⊙]/.test(text) ? ` ${text} ` : text),
  mfrac: (a, b) => `${group(a)}/${group(b)}`,
  msup: (a, b) => `${a}^${group(b)}`,
  msub: (a, b) => `${a}_${b}`,
  msubsup: (a, b, c) => `${a}_${b}${c}`,
  munder: (a) => a,
  msqrt: (...parts) => `√(${parts.join("")})`,
  mtd: (...parts) => parts.join(""),
  mtr: (...cells) => cells.join(" "),
  mtable: (...rows) => rows.join("; "),
  of: (node) => read(node, TEXT).trim(),
  all: (lines) => lines.map((line) => `${line.join(" ").replace(/ +/g, " ")}\n`).join(""),
};

function read(node, form) {
  const name = node.localName, parts = [...node.children].map((child) => read(child, form));
  if (!parts.length) return form.leaf(node.textContent, name);
  return form[name] ? form[name](...parts) : parts.join("");
}

