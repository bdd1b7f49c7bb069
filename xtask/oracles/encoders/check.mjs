// Verifies signatures with the standard's own library for TypeScript.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

let [done, failed] = [0, 0];
for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) {
  const { headers, body, secret } = JSON.parse(line);
  done += 1;
  try {
    new Webhook(secret).verify(body, headers);
  } catch (cause) {
    // The library reads bodies as JSON once the signature holds.
    if (cause instanceof SyntaxError) continue;
    failed += 1;
    if (failed <= 3) console.error(`webhook: ${cause}`);
  }
}
console.log(`webhook by Node: ${done} cases, ${failed} failed`);
process.exit(done > 0 && failed === 0 ? 0 : 1);
