import { describe, expect, test } from "vitest";

import type { Sighting } from "../../src/demo/sighting.js";
import { judge } from "../../src/demo/verdict.js";
import type { Evidence } from "../../src/demo/verdict.js";

const DEVICE = "/devices/virtual/block/loop1";
const MS = 1_000_000n;

/** A datagram, read at some millisecond. */
function seen(ms: number, action: string, devpath: string, seqnum: number, extra = ""): Sighting {
  const text = `${action}@${devpath}\0ACTION=${action}\0DEVPATH=${devpath}\0SUBSYSTEM=block\0${extra}SEQNUM=${seqnum}\0`;
  return { at: BigInt(ms) * MS, bytes: Buffer.from(text) };
}

const host = [
  seen(0, "add", "/devices/virtual/bdi/7:1", 10),
  seen(0, "add", DEVICE, 11),
  seen(10, "change", DEVICE, 12),
  seen(10, "change", `${DEVICE}0`, 13), // another device: paths are segments
  seen(20, "change", DEVICE, 14),
  seen(30, "remove", `${DEVICE}/loop1p1`, 15),
];
const told = [
  seen(1, "add", DEVICE, 1),
  seen(13, "change", DEVICE, 2),
  seen(22, "change", DEVICE, 3),
  seen(32, "remove", `${DEVICE}/loop1p1`, 4),
];
const bystander = [seen(0, "add", "/devices/virtual/mem/null", 1)];
const honest: Evidence = {
  device: DEVICE,
  host,
  box: { socket: told, netlink: told },
  other: { socket: bystander, netlink: bystander },
  channels: ["socket", "netlink"],
};

test("exactly the device's events to one container and none to the other: all is well", () => {
  expect(judge(honest)).toEqual({ host: 6, told: 4, hidden: 6, medianMs: 2, problems: [] });
});

const box = (socket: readonly Sighting[]): Partial<Evidence> => ({ box: { socket, netlink: told } });

describe("it is a problem when", () => {
  test.each<[name: string, seen: Partial<Evidence>, problem: RegExp]>([
    ["an event is missing", box(told.slice(1)), /by socket 3 events were told of 4, .* at add/],
    ["the last event is missing", box(told.slice(0, -1)), /at remove/],
    ["an event is told twice", box([...told, told[3] as Sighting]), /5 events were told of 4/],
    ["two events change places", box([told[1], told[0], told[2], told[3]] as Sighting[]), /at add/],
    ["a byte differs", box([seen(1, "add", DEVICE, 1, "X=1\0"), ...told.slice(1)]), /at add/],
    ["another device's event is told too", box([...told, seen(31, "change", `${DEVICE}0`, 5)]), /5 events/],
    ["the netlink group hears less than the socket", { box: { socket: told, netlink: [] } }, /by netlink 0 events/],
    [
      "the other one hears the device",
      { other: { socket: [...bystander, ...told], netlink: bystander } },
      /may not see it was told add/,
    ],
    ["the other one hears nothing at all", { other: { socket: [], netlink: bystander } }, /may be deaf/],
    ["the kernel says nothing", { host: [], box: { socket: [], netlink: [] } }, /said nothing/],
  ])("%s", (_name, seen, problem) => {
    expect(judge({ ...honest, ...seen }).problems.join("\n")).toMatch(problem);
  });
});

test("a way of delivery that is off is not judged", () => {
  const evidence: Evidence = {
    ...honest,
    channels: ["socket"],
    box: { socket: told, netlink: [] },
    other: { socket: bystander, netlink: [] },
  };
  expect(judge(evidence).problems).toEqual([]);
});
