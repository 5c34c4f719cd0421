import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { temporaryDirectory } from "../../../test/real/temporary.js";
import { ClaimFiles } from "../src/claim-files.js";

test.each(["with all above it", "though what is above it is there", "though it is there"])(
  "the directory is made %s, for nobody else",
  (how) => {
    using place = temporaryDirectory();
    const path = join(place.path, "run", "bridge", ".claims");
    if (how !== "with all above it") mkdirSync(join(path, ".."), { recursive: true });
    if (how === "though it is there") mkdirSync(path, { mode: 0o700 });
    const { claims } = new ClaimFiles(path).read();
    expect(claims.size).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  },
);
