import { expect, test } from "vitest";
import type { DeviceNumber } from "../../device-rights.js";
import { allOf, prepared } from "./device-rights.js";
import type { World } from "./world.js";

const NULL = { type: "char", major: 1, minor: 3 } as const;
const ZERO = { type: "char", major: 1, minor: 5 } as const;
const FULL = { type: "char", major: 1, minor: 7 } as const;
const RANDOM = { type: "char", major: 1, minor: 8 } as const;
const MEMORY: DeviceNumber = { type: "char", major: 1, minor: "any" };

/** To read, to write, both, and to make a node: of what the runtime lets through, what is granted, and what neither does. */
const ASKED = [NULL, ZERO, FULL, RANDOM].flatMap((number) =>
  (["r", "w", "rw", "m"] as const).map((access) => [number, access] as const),
);

/** The promises of `DeviceRights.refusedBy`. */
export function deviceRefusalCases(world: () => World): void {
  test("whoever keeps programs from opening a device is named, and nobody where they may", async (context) => {
    const { cgroup, begin } = prepared(context, world());
    const rights = begin();
    const agree = async (): Promise<void> => {
      for (const [number, access] of ASKED)
        expect([number, access, rights.refusedBy(number, access) === undefined]).toEqual([
          number,
          access,
          await cgroup.mayOpen(`c 1:${number.minor} ${access}`),
        ]);
      expect(rights.refusedBy(FULL, "rw")).toContain(cgroup.path);
    };
    await agree();
    rights.grant(ZERO, "r");
    await agree();
    await cgroup.allow("c 1:3 r", "c 1:8 rw", "c *:* m");
    await agree(); // before it is held
    rights.hold();
    await agree();
    rights.grant(MEMORY, "m");
    rights.revoke(ZERO);
    await agree();
  });

  test("who stands in the way from above is named, and nobody else", async (context) => {
    const { cgroup, open } = prepared(context, world());
    await cgroup.restrict("c 1:3 rw", "c 1:5 r");
    const rights = open();
    rights.grant(NULL, "rw");
    rights.grant(ZERO, "r");
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 r", "c 1:5 rw")).toEqual([true, true, false]);
    expect([rights.refusedBy(NULL, "rw"), rights.refusedBy(ZERO, "r")]).toEqual([undefined, undefined]);
    expect(rights.refusedBy(ZERO, "rw")).toContain(cgroup.path.slice(0, cgroup.path.lastIndexOf("/")));
  });
}
