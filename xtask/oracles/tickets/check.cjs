// Reads the cards of the golden files with Microsoft's own parser: whatever it finds wrong ends this.
const fs = require("fs");
const cards = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const AC = require("adaptivecards/dist/adaptivecards.js");

function problems(card) {
  const context = new AC.SerializationContext();
  const parsed = new AC.AdaptiveCard();
  parsed.parse(card, context);
  const events = [];
  for (let at = 0; at < context.eventCount; at++) events.push(context.getEventAt(at));
  const failures = parsed.validateProperties().validationEvents;
  return [...events, ...failures].map((event) => event.message);
}

const broken = { type: "AdaptiveCard", version: "1.4", body: [{ type: "Nothing" }], actions: [{ type: "Action.OpenUrl", title: "x" }] };
if (problems(broken).length === 0) throw new Error("the parser takes everything");
for (const card of cards) {
  const found = problems(card);
  if (found.length > 0) throw new Error(found.join("; "));
}
if (cards.length < 4) throw new Error(`${cards.length} cards`);
console.log(`${cards.length} cards are what the parser of adaptive cards takes`);
