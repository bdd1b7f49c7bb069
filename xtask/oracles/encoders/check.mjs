// Verifies signatures with the standard's own library for TypeScript, and holds documents against Elastic's own schema.
import { createReadStream } from "node:fs";
import { isIP } from "node:net";
import { createInterface } from "node:readline";
import elastic from "@elastic/ecs";
import { Webhook } from "standardwebhooks";

const { EcsFlat } = elastic;
// Names of the schema's next version.
const NEXT = { "gen_ai.provider.name": { type: "keyword" } };
const whole = (value, bits) => Number.isInteger(value) && Math.abs(value) <= 2 ** (bits - 1);
const TYPES = {
  keyword: (value) => typeof value === "string",
  wildcard: (value) => typeof value === "string",
  match_only_text: (value) => typeof value === "string",
  long: (value) => whole(value, 64),
  integer: (value) => whole(value, 32) && value < 2 ** 31,
  float: (value) => Number.isFinite(value),
  date: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
  ip: (value) => isIP(value) !== 0,
};

function webhook({ headers, body, secret }) {
  try {
    new Webhook(secret).verify(body, headers);
  } catch (cause) {
    // The library reads bodies as JSON once the signature holds.
    if (!(cause instanceof SyntaxError)) throw cause;
  }
}

function ecs(value, path = "") {
  if (path.startsWith("aisec.")) return;
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) ecs(inner, path ? `${path}.${key}` : key);
    return;
  }
  const field = EcsFlat[path] ?? NEXT[path];
  if (!field) throw new Error(`${path} is no field of the schema`);
  const allowed = (field.allowed_values ?? []).map(({ name }) => name);
  for (const item of [value].flat()) {
    if (!TYPES[field.type]?.(item)) throw new Error(`${path}: ${JSON.stringify(item)} is no ${field.type}`);
    if (allowed.length && !allowed.includes(item)) throw new Error(`${path}: ${item} is not allowed`);
  }
}

// The types that the schema expects for a category.
function expected({ event }) {
  for (const { name, expected_event_types: types } of EcsFlat["event.category"].allowed_values) {
    const unexpected = event.category.includes(name) && event.type.find((type) => !types.includes(type));
    if (unexpected) throw new Error(`event.type ${unexpected} with category ${name}`);
  }
}

const [done, failed] = [{}, {}];
for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) {
  const entry = JSON.parse(line);
  const name = entry.ecs ? "ecs" : "webhook";
  done[name] = (done[name] ?? 0) + 1;
  try {
    if (entry.ecs) {
      ecs(entry.ecs);
      expected(entry.ecs);
    } else webhook(entry);
  } catch (cause) {
    failed[name] = (failed[name] ?? 0) + 1;
    if (failed[name] <= 3) console.error(`${name}: ${cause}`);
  }
}
for (const name in done) console.log(`${name} by Node: ${done[name]} cases, ${failed[name] ?? 0} failed`);
process.exit(Object.keys(done).length === 2 && Object.keys(failed).length === 0 ? 0 : 1);
