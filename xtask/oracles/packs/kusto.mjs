// Reads each query of the pack for Sentinel with Microsoft's own language service, which knows the tables: what it calls
// an error is one, a column that no table has among them.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import vm from "node:vm";

const [folder] = process.argv.slice(2);
const require = createRequire(import.meta.url);
for (const file of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
  vm.runInThisContext(readFileSync(require.resolve(`@kusto/language-service-next/${file}`), "utf8"), { filename: file });
}
const { Language } = globalThis.Kusto;
const { Symbols } = Language;

// Tables of others that queries look into, as far as they do.
const OTHERS = {
  SigninLogs: "(TimeGenerated: datetime, ResultType: string, UserPrincipalName: string)",
  AADRiskyUsers: "(TimeGenerated: datetime, UserPrincipalName: string, RiskState: string)",
  ThreatIntelIndicators:
    "(TimeGenerated: datetime, IsActive: bool, ObservableKey: string, ObservableValue: string, Confidence: int)",
};
const columns = (all) => `(${all.map(({ name, type }) => `['${name}']: ${type === "boolean" ? "bool" : type}`).join(", ")})`;
const tables = JSON.parse(readFileSync(join(folder, "tables.json"), "utf8"));
const schemas = { ...OTHERS, ...Object.fromEntries(tables.map((table) => [table.table, columns(table.columns)])) };
const symbols = Object.entries(schemas).map(([name, schema]) => Symbols.TableSymbol.From(schema).WithName(name));

function errors(query, ...more) {
  const database = new Symbols.DatabaseSymbol.ctor("workspace", [...symbols, ...more]);
  const globals = Language.GlobalState.Default.WithDatabase(database);
  const found = Language.KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  const all = [];
  for (let at = 0; at < found.Count; at++) {
    const one = found.getItem(at);
    if (one.Severity === "Error" || one.Severity === "Warning") {
      all.push(`${one.Severity}: ${one.Message} at ${query.slice(one.Start, one.Start + Math.max(one.Length, 10))}`);
    }
  }
  return all;
}

let failed = 0;
function check(name, query, ...more) {
  for (const error of errors(query, ...more)) {
    console.error(`${name}: ${error}`);
    failed++;
  }
}

const queries = readdirSync(join(folder, "queries"));
for (const file of queries) check(file, readFileSync(join(folder, "queries", file), "utf8"));
for (const { stream, streamColumns, transformKql } of tables) {
  check(stream, transformKql, Symbols.TableSymbol.From(columns(streamColumns)).WithName("source"));
}
// What reads everything finds nothing.
if (errors(`${tables[0].table} | where NoSuchColumn == 1`).length !== 1) {
  console.error("an unknown column was not found");
  failed++;
}
console.log(`${queries.length} queries, ${tables.length} transformations, ${failed} errors`);
process.exit(failed ? 1 : 0);
