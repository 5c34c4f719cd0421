/** What `npm run mutate` starts. */
import { become } from "./bundled.mjs";

await become("packages/relay/test/mutants/main.ts", "mutants/main.js");
