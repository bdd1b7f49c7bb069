// agent-threat-rules (MIT): its own engine with the rules of its package, as input to a model.
//
// It has lanes: `hunt` (its default) lets all rules speak, `alert` the tested and stable ones. A text counts as flagged
// when a rule of severity high or critical fires, which is where its own verdict asks or denies; the score is the
// highest confidence of a rule that fired.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [home, rows, verdicts] = process.argv.slice(2);
const package_ = resolve(home, "node_modules", "agent-threat-rules");
const { version } = createRequire(import.meta.url)(join(package_, "package.json"));
const { ATREngine } = await import(pathToFileURL(join(package_, "dist", "index.js")));

const engine = new ATREngine({ rulesDir: join(package_, "rules") });
const loaded = await engine.loadRules();
if (loaded < 100) {
  throw new Error(`only ${loaded} rules were loaded`);
}
const judge = (text) => engine.evaluate({ type: "llm_input", timestamp: "2026-01-01T00:00:00Z", content: text });
judge("What is compiled at first use is no time of the first text.");

const severe = new Set(["high", "critical"]);
const lines = [JSON.stringify({ by: `agent-threat-rules ${version}`, check: "prompt-injection" })];
for (const line of readFileSync(rows, "utf8").trimEnd().split("\n")) {
  const { row, text } = JSON.parse(line);
  const begun = process.hrtime.bigint();
  const matches = judge(text);
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  const score = Math.max(0, ...matches.map((match) => match.confidence));
  const flagged = matches.some((match) => severe.has(match.rule.severity));
  lines.push(JSON.stringify({ row, score, flagged, seconds, entities: [] }));
}
writeFileSync(verdicts, lines.join("\n") + "\n");
