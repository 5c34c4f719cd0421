/** What `npm run soak` starts. */
import { become } from "./build.mjs";

await become("soak.ts");
