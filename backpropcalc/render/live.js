
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

  /** The digits of a quantity in an iteration, whether they are all of it, and its value. */
  function figure({ slot, run, since }) {
    const v = runs[run];
    const value = since ? sub(v[slot], runs[since.run][since.slot]) : v[slot];
    if (!isFinite_(value)) return { text: String(value.s), whole: true, value };
    const lasting = since || slot >= start.length + page.needs.length ? isWhole(value, digits) : lasts(page, v, slot);
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
    remark();
  }

  // What must be said about a line

  /** What is said about a quantity in an iteration: it stands at a corner, or is the first without a number. */
  function remarkOn(slot, v, corners) {
    const corner = corners.find(([at, , height]) => at === slot && isFinite_(height) && isZero(height));
    if (corner) return corner[1];
    if (isFinite_(v[slot]) || needs(slot).some((need) => !isFinite_(v[need]))) return "";
    return page.remarks[isUndefined(v[slot]) ? 0 : 1];
  }

  /** Below each line that something must be said about the sentence, as a fresh page has it; none that no longer holds. */
  function remark() {
    const corners = runs.map((v) => page.corners(v, constants));
    for (const line of rows) {
      const { run } = placeOf(line.row, line.id);
      const found = line.slots.map((slot) => remarkOn(slot, runs[run], corners[run])).find(Boolean) || "";
      const below = line.row.nextElementSibling;
      if (line.said === undefined) {
        const said = below?.matches(".said") ? below : null;
        line.fixed = (said ? said.textContent : "") !== found;
        if (said && !line.fixed) said.classList.add("live");
      } else if (!line.fixed && line.said !== found) {
        if (line.said) below.remove();
        if (found) line.row.after(sentence(found));
      }
      line.said = found;
    }
  }

  // The state: what is given, in the fields and in the address

  function change(id, text) {
    const value = number(text), field = fields.get(id);
    field?.toggleAttribute("aria-invalid", value === null);
    if (value === null) return say(`'${text}' is not a number`);
    given[slots.get(id)] = value;
    follow();
    say(document.querySelector(".said:not(.live), td.word, figure.plot, p.warning") ? "dimmed: said of the numbers as they were" : "");
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

  const isDerivative = (id) => /^d.*\/d/.test(id);

  /** All derivatives that the loss's derivative by a quantity, or a derivative, is worked out from, itself included. */
  function gradient(id) {
    const found = new Set(), open = meant(isDerivative(id) ? id : `d${page.root}/d${id}`);
    while (open.length) {
      const slot = open.pop();
      if (found.has(slot) || !isDerivative(ids[slot])) continue;
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
    if (id !== null) say(pinned === null ? "" : "held: blue lines use it, its gradient needs those with a green edge");
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
      if (matchMedia("(pointer: fine)").matches) requestAnimationFrame(() => field.focus({ preventScroll: true }));
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
