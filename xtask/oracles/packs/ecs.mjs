// Holds the types of the pack for Elasticsearch against those of the Elastic Common Schema itself.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import elastic from "@elastic/ecs";

const { EcsFlat } = elastic;
// Names of the schema's next version.
const NEXT = { "gen_ai.provider.name": { type: "keyword" } };
const [folder] = process.argv.slice(2);
const template = JSON.parse(readFileSync(join(folder, "component-templates/picket-mappings-ecs.json"), "utf8"));
let [checked, failed] = [0, 0];
function walk(properties, path) {
  for (const [key, property] of Object.entries(properties)) {
    const name = path ? `${path}.${key}` : key;
    if (!property.type) {
      walk(property.properties, name);
      continue;
    }
    checked++;
    const field = EcsFlat[name] ?? NEXT[name];
    if (field?.type !== property.type) {
      console.error(`${name} is ${property.type} here and ${field?.type} in the schema`);
      failed++;
    }
  }
}
walk(template.template.mappings.properties, "");
console.log(`${checked} types, ${failed} differ`);
process.exit(failed || !checked ? 1 : 0);
