/** What `npm run bench` starts. */
import { become } from "./build.mjs";

await become("main.ts");
