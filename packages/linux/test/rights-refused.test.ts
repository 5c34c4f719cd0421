import { describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { loadAddon } from "../src/addon.js";
import { ERRNO } from "../src/errno.js";
import { HOME, withRights } from "./world/with-rights.js";

const addon = loadAddon();
const ZERO = { type: "char", major: 1, minor: 5 } as const;
const FULL = { type: "char", major: 1, minor: 7 } as const;

describe.runIf(HOME !== undefined)("in cgroup v2", needs("root"), () => {
  const { open, mayRead } = withRights();

  test("what the system refuses to grant or take away is said, and done at the next look", () => {
    let isRefused = false;
    const rights = open({
      ...addon,
      putBpf: (...given) => (isRefused ? -ERRNO.ENOMEM : addon.putBpf(...given)),
      removeBpf: (...given) => (isRefused ? -ERRNO.EPERM : addon.removeBpf(...given)),
    });
    rights.grant(ZERO, "r");
    rights.forgetOthers();
    isRefused = true;
    expect(() => rights.revoke(ZERO)).toThrow("permission is denied");
    expect(() => rights.grant(FULL, "r")).toThrow("ENOMEM");
    expect(() => rights.hold()).toThrow();
    expect(mayRead()).toEqual([false, true, false]);
    isRefused = false;
    rights.hold();
    expect(mayRead()).toEqual([false, false, true]);
    rights.close();
  });

  test("more grants than a map takes that were refused are made when they can be", () => {
    let isRefused = false;
    const rights = open({
      ...addon,
      createBpfMap: (...given) => (isRefused ? -ERRNO.ENOMEM : addon.createBpfMap(...given)),
    });
    rights.forgetOthers();
    isRefused = true;
    let failed = 0;
    for (let minor = 0; minor < 200; minor++)
      try {
        rights.grant({ type: "char", major: 240, minor }, "r");
      } catch {
        failed++;
      }
    expect(failed).toBeGreaterThan(64);
    expect(() => rights.grant(FULL, "r")).toThrow("ENOMEM");
    isRefused = false;
    rights.hold();
    expect(rights.refusedBy({ type: "char", major: 240, minor: 199 }, "r")).toBeUndefined();
    expect(mayRead()).toEqual([false, false, true]);
    rights.close();
  });
});
