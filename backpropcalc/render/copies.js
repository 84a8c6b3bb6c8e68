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
