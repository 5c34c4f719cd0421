import { describe, test, vi } from "vitest";

import { LXC, NSPAWN, RUNC } from "./view/engines.js";
import { lateZram } from "./view/late-device.js";
import { giveAndTakeADisk, killARelay, neededFor } from "./view/late-disk.js";
import { PODMAN } from "./view/podman.js";

const CASES_MAX = Number(process.env["ENGINE_CASES"] ?? 4); // those at first do more than others
vi.setConfig({ testTimeout: 120_000 }); // engines start slowly on a machine that is busy

const CASES = [
  { engine: RUNC, isUser: false },
  { engine: RUNC, isUser: true },
  { engine: NSPAWN, isUser: true },
  { engine: PODMAN, isUser: false },
  { engine: PODMAN, isUser: true },
  { engine: NSPAWN, isUser: false },
  { engine: LXC, isUser: false },
  { engine: LXC, isUser: true },
].map((each) => ({ ...each, title: `${each.engine.name}, ${each.isUser ? "with" : "without"} a user namespace` }));

describe("a container that runs already gets a disk, uses it and loses it, and opens its other devices throughout", () => {
  for (const { engine, isUser, title } of CASES.slice(0, CASES_MAX))
    test(`of ${title}`, neededFor(engine), () => giveAndTakeADisk(engine, isUser));

  test("of runc, and the disk is a zram device", neededFor(RUNC, "zram devices"), () =>
    giveAndTakeADisk(RUNC, false, lateZram()),
  );
});

describe("when a relay is killed the next one takes away what is still ours, and nothing else", () => {
  for (const { engine, isUser, title } of CASES.filter(({ engine }) => engine === RUNC))
    test(`in a container of ${title}`, neededFor(engine), () => killARelay(engine, isUser));
});
