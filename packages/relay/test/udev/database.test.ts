import type { UdevDirectory, UdevEntry } from "@uevent-bridge/kernel";
import { expect, test } from "vitest";

import { KnownDevice } from "../../src/known-device.js";
import { UdevDatabase } from "../../src/udev/database.js";

const ENTRY: UdevEntry = { properties: new Map(), links: [], tags: [], initialized: 1n };

function open() {
  const ids = new Set<string>();
  const directory: UdevDirectory = {
    path: "",
    put: (id) => void ids.add(id),
    remove: (id) => void ids.delete(id),
    close: () => {},
  };
  return { database: new UdevDatabase(directory, () => {}), found: () => [...ids].toSorted() };
}

test("an entry has the number of its device, or its name, and goes from where it was when that is another", () => {
  const { database, found } = open();
  const net = new KnownDevice("/devices/virtual/net/lan0", "net", "IFINDEX=5\0", "1");
  const misc = new KnownDevice("/devices/virtual/misc/a", "misc", "", "1");
  for (const device of [net, misc]) database.put(device, ENTRY);
  expect(found()).toEqual(["+misc:a", "n5"]);
  net.devpath = "/devices/virtual/net/wan0";
  misc.devpath = "/devices/virtual/misc/b";
  for (const device of [net, misc]) database.put(device, ENTRY);
  expect(found()).toEqual(["+misc:b", "n5"]);
  for (const device of [net, misc, misc]) database.remove(device);
  expect(found()).toEqual([]);
});

test("one that goes late takes nothing from the one that has its name by then", () => {
  const { database, found } = open();
  const [old, later] = ["x", "y"].map((place) => new KnownDevice(`/devices/${place}/a`, "misc", "", "1"));
  if (!old || !later) throw new Error("there are two");
  database.put(old, ENTRY);
  database.put(later, ENTRY);
  for (let times = 0; times < 2; times++) {
    database.remove(old);
    expect(found()).toEqual(["+misc:a"]);
    if (times === 0) database.put(old, ENTRY); // it comes again, and goes
  }
  database.remove(later);
  expect(found()).toEqual([]);
});

test("what cannot be written is said once, and stops nothing", () => {
  const fail = (): never => {
    throw new Error("no space");
  };
  const troubles: unknown[] = [];
  const database = new UdevDatabase({ path: "", put: fail, remove: fail, close: () => {} }, (error) =>
    troubles.push(error),
  );
  const device = new KnownDevice("/devices/virtual/misc/a", "misc", "", "1");
  for (let n = 0; n < 3; n++) database.put(device, ENTRY);
  database.remove(device);
  expect(troubles).toHaveLength(1);
});
