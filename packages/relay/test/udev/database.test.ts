import type { UdevDirectory, UdevEntry } from "@uevent-bridge/kernel";
import { decode, encode, isMalformed } from "@uevent-bridge/uevent";
import { expect, test } from "vitest";

import { KnownDevice } from "../../src/known-device.js";
import { UdevDatabase } from "../../src/udev/database.js";

const NET = "/devices/virtual/net";
const ENTRY: UdevEntry = { properties: new Map(), links: [], tags: [], initialized: 1n };

test("who is told late that nothing is any more where a device was takes nothing from where it is", () => {
  const ids = new Set<string>();
  const directory: UdevDirectory = {
    path: "",
    put: (id) => void ids.add(id),
    remove: (id) => void ids.delete(id),
    close: () => {},
  };
  const database = new UdevDatabase(directory, () => {});
  const device = new KnownDevice(`${NET}/lan0`, "net", "IFINDEX=5\0", "1");
  const follow = (action: string, name: string, old?: string): void => {
    const properties: [string, string][] = old === undefined ? [] : [["DEVPATH_OLD", `${NET}/${old}`]];
    const event = decode(encode({ action, devpath: `${NET}/${name}`, subsystem: "net", properties, seqnum: 1 }));
    if (isMalformed(event)) throw new Error(event.malformed);
    database.follow(event, device, ENTRY);
  };
  follow("add", "veth0");
  follow("add", "lan0"); // as after a `move` that somebody lost
  follow("remove", "veth0");
  expect([...ids]).toEqual(["n5"]);
  follow("move", "wan0", "lan0");
  follow("remove", "lan0"); // once more
  expect([...ids]).toEqual(["n5"]);
  follow("remove", "wan0");
  expect([...ids]).toEqual([]);
});

test("what cannot be written is said once, and stops nothing", () => {
  const fail = (): never => {
    throw new Error("no space");
  };
  const troubles: unknown[] = [];
  const database = new UdevDatabase({ path: "", put: fail, remove: fail, close: () => {} }, (error) =>
    troubles.push(error),
  );
  const device = new KnownDevice(`${NET}/lan0`, "net", "IFINDEX=5\0", "1");
  const event = decode(encode({ action: "add", devpath: device.devpath, subsystem: "net", properties: [], seqnum: 1 }));
  if (isMalformed(event)) throw new Error(event.malformed);
  for (let n = 0; n < 3; n++) database.follow(event, device, ENTRY);
  expect(troubles).toHaveLength(1);
});
