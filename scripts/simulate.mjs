/** What `npm run simulate` starts. */
import { become } from "./bundled.mjs";

await become("packages/relay/test/simulator/main.ts", "simulator/main.js");
