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
  const minus = text[0] === "-", rest = minus ? text.slice(1) : text;
  const [digits, power] = rest.split("e"), [above, below] = rest.split("/");
  let parts = [math("mn", digits)];
  if (rest === "Infinity") parts = [math("mi", "∞")];
  else if (below) parts = [math("mfrac", math("mn", above), math("mn", below))];
  else if (power) parts.push(math("mo", "·"), math("msup", math("mn", "10"), math("mn", power.replace("-", "−"))));
  if (minus) parts.unshift(math("mo", "−"));
  if (minus) parts[0].setAttribute("form", "prefix");
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

/** What must be said about a line, as the row below it. */
function sentence(text) {
  const row = document.createElement("tr"), cell = document.createElement("td");
  row.className = "said live";
  cell.colSpan = 2;
  cell.textContent = text;
  row.append(document.createElement("td"), cell);
  return row;
}
