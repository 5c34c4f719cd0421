import { drain } from "./scenarios/drain.js";
import { decode } from "./scenarios/decode.js";
import { route } from "./scenarios/route.js";
import { temporaryDirectory } from "./harness/temporary.js";

using directory = temporaryDirectory();
for (const s of [drain, decode, route]) {
  if (!process.argv.includes(s.name)) continue;
  const result = await s.run({ quick: process.argv.includes("--quick"), directory: directory.path });
  console.log(JSON.stringify(result, null, 1));
}
