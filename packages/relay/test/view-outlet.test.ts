import { DeviceView } from "@uevent-bridge/view";
import { beforeEach, expect, test } from "vitest";

import { KnownDevice } from "../src/known-device.js";
import { ViewOutlet } from "../src/outlets/view-outlet.js";
import { LOOP0, LOOP1 } from "./scene.js";

let disk: KnownDevice;
let other: KnownDevice;
let wanted: readonly KnownDevice[];
let outlet: ViewOutlet;

beforeEach(() => {
  disk = new KnownDevice(LOOP0, "block", "", "1");
  other = new KnownDevice(LOOP1, "block", "", "2");
  wanted = [disk, other];
  const toHost = <T>(ids: T): T => ids;
  const devices = new DeviceView<KnownDevice>({ directory: undefined, toHost, onTrouble: () => {} });
  const shownOf = () => ({ name: "disk", number: { type: "block", major: 7, minor: 0 } }) as const;
  outlet = new ViewOutlet({ wanted: () => wanted, agenda: new Set() }, { devices, shownOf });
  outlet.catchUp();
});

const openersOf = (device: KnownDevice): readonly unknown[] => [...(device.openers ?? [])];

test("devices that stay hold on to no container that is detached", () => {
  expect([disk, other].map(openersOf)).toEqual([[outlet], [outlet]]);
  outlet.close();
  expect([disk, other].map(openersOf)).toEqual([[], []]);
});

test("a device holds on to no container that may see it no more", () => {
  wanted = [other];
  outlet.fallBehind();
  outlet.catchUp();
  expect([disk, other].map(openersOf)).toEqual([[], [outlet]]);
  outlet.close();
});
