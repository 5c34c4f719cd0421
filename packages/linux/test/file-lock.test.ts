import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { lockFile } from "../src/file-lock.js";

describe("where there is no room", needs("root"), () => {
  test("a lock that cannot be noted is not left", () => {
    using place = temporaryDirectory();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4k", "tmpfs", place.path]); // one page
    try {
      writeFileSync(join(place.path, "full"), "x");
      expect(() => lockFile(loadAddon(), join(place.path, "lock"), "/run/box")).toThrow(
        expect.objectContaining({ code: "ENOSPC" }),
      );
      expect(readdirSync(place.path)).toEqual(["full"]);
    } finally {
      execFileSync("umount", [place.path]);
    }
  });
});
