// Copies: MathML as LaTeX and as text

const GREEK = Object.fromEntries(
  ("αalpha βbeta γgamma δdelta εepsilon ζzeta ηeta θtheta λlambda μmu νnu ξxi πpi ρrho σsigma τtau φphi χchi ψpsi ωomega"
    + " ΓGamma ΔDelta ΘTheta ΛLambda ΞXi ΠPi ΣSigma ΦPhi ΨPsi ΩOmega")
    .split(" ").map((word) => [word[0], `\\${word.slice(1)} `]),
);
const SIGNS = {
  "−": "-", "·": "\\cdot ", "≈": "\\approx ", "∂": "\\partial ", "∑": "\\sum ", "≥": "\\ge ", "⊙": "\\odot ", "→": "\\to ",
  "×": "\\times ", "½": "\\tfrac{1}{2}", "←": "\\leftarrow ", "↓": "\\downarrow ", "∞": "\\infty ", "⁡": "", "{": "\\{", "…": "\\dots ", "⋮": "\\vdots ", "⋱": "\\ddots ",
};
const FUNCTIONS = new Set(["ln", "sin", "cos", "tan", "tanh", "arctan", "max", "min"]);

/** What a sign is raised beside stands in braces if it has one already. */
const base = (text) => (/[\^']/.test(text) ? `{${text}}` : text);

const LATEX = {
  leaf(text, name) {
    if (/^′+$/.test(text)) return "\\prime ".repeat(text.length);
    if (text in SIGNS) return SIGNS[text];
    if (name === "mo" || name === "mi") {
      if (text in GREEK) return GREEK[text];
      if (FUNCTIONS.has(text)) return `\\${text} `;
    }
    const safe = text.replace(/[\\{}$&#%_^~]/g, (c) => `\\${"\\^~".includes(c) ? `char${c.charCodeAt(0)} ` : c}`);
    return name === "mtext" && /[^\w[\]*+']/.test(text) ? `\\text{${safe.replace("\u00a0", " ").replace("×", "$\\times$")}}` : safe;
  },
  mfrac: (a, b) => `\\frac{${a}}{${b}}`,
  msup: (a, b) => `${base(a)}^{${b}}`,
  msub: (a, b) => `${base(a)}_{${b}}`,
  msubsup: (a, b, c) => `${base(a)}_{${b}}^{${c}}`,
  munder: (a, b) => `\\underset{${b}}{${a}}`,
  msqrt: (...parts) => `\\sqrt{${parts.join("")}}`,
  mtd: (...parts) => parts.join(""),
  mtr: (...cells) => cells.join(" & "),
  mtable: (...rows) => `\\begin{matrix} ${rows.join(" \\\\ ")} \\end{matrix}`,
  mrow: (...parts) => parts.join("").replace(/^\[\\begin\{matrix\}(.*)\\end\{matrix\}\]$/, "\\begin{bmatrix}$1\\end{bmatrix}"),
  of: (node) => read(node, LATEX),
  all: (lines) => `\\begin{align*}\n${lines.map(([name, work, value]) => `${name} &${work} ${value}`).join(" \\\\\n")}\n\\end{align*}\n`,
};

/** A minus that is not between two terms stands at what it belongs to; no room within brackets. */
const tidy = (text) => text.replace(/(^|[=≈([,;·⊙/^+−]) *− +/g, (all, before) => `${before}${/[=≈,;·⊙+−]/.test(before) ? " " : ""}−`)
  .replace(/([([]) +/g, "$1").replace(/ +([)\]])/g, "$1").replace(/ +/g, " ");

const group = (text) => (/^[\w.∂]*$/.test(text) ? text : `(${text})`);
const TEXT = {
  leaf: (text, name) => (name === "mo" && /[=≈+−·⊙]/.test(text) ? ` ${text} ` : text.replace("\u2061", "")),
  mfrac: (a, b) => `${group(a)}/${group(b)}`,
  msup: (a, b) => (/^[[(*+′]/.test(b) ? `${a}${b}` : `${a}^${group(b)}`),
  msub: (a, b) => `${a}_${b}`,
  msubsup: (a, b, c) => `${a}_${b}${c}`,
  munder: (a) => a,
  msqrt: (...parts) => `√(${parts.join("")})`,
  mtd: (...parts) => parts.join(""),
  mtr: (...cells) => cells.join(", "),
  mtable: (...rows) => rows.join("; "),
  of: (node) => read(node, TEXT).trim(),
  all: (lines) => lines.map((line) => `${tidy(line.join(" "))}\n`).join(""),
};

function read(node, form) {
  const name = node.localName, parts = [...node.children].map((child) => read(child, form));
  if (!parts.length) return form.leaf(node.textContent, name);
  return form[name] ? form[name](...parts) : parts.join("");
}
