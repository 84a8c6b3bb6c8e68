// Reads equations as a JSON list from standard input and writes those that KaTeX refuses, with its reason.
// The folder of the npm package katex is the first argument.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const katex = createRequire(import.meta.url)(process.argv[2]);
const refused = [];
for (const equation of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    katex.renderToString(equation, { displayMode: true, throwOnError: true, strict: "error", trust: false });
  } catch (error) {
    refused.push([equation, error.message]);
  }
}
process.stdout.write(JSON.stringify(refused));
