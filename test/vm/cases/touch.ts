import { describe, expect, test } from "vitest";

import { BOXES } from "../boxes.js";
import type { BoxName, Plugged, TouchReport, Tried } from "../report.js";

const DEVICES = 8; // of each round
const STICK = "46f4:0001"; // of QEMU's
const NAMES = Object.keys(BOXES) as BoxName[];

/** What was plugged in; a program in a container is told of more: `bus/usb/…`, `hidraw0`. */
const NODE = /^(sd.|ttyUSB\d+|input\/event\d+)$/;
/** How the program that opens whatever it can calls what is no error. */
const IDENTITY = /^(disk \d+|usb-.*|\/sys\/.*)$/;

/** Disks, keyboards and adapters come and go beside each other. */
const sorted = (words: readonly unknown[]): readonly string[] => words.map(String).sort();

/** What containers have of devices that are plugged in and pulled out, while other devices take their numbers. */
export function testTouch(report: () => TouchReport): void {
  const seen = (name: BoxName): readonly Plugged[] => report().plugged.filter(({ seenBy }) => seenBy.includes(name));
  const tried = (name: BoxName, action: Tried["action"]): readonly Tried[] => {
    return report().boxes[name].tried.filter((each) => each.action === action && NODE.test(each.devname ?? ""));
  };

  test("what is plugged in next takes the number of what was pulled out", () => {
    const { plugged, rounds } = report();
    expect(plugged).toHaveLength(rounds * DEVICES);
    for (let i = 0; i < plugged.length; i += 2) {
      expect(plugged[i + 1]?.node).toBe(plugged[i]?.node);
      expect(plugged[i + 1]?.identity).not.toBe(plugged[i]?.identity);
    }
  });

  describe.each(NAMES)("to the container with the policy %s", (name) => {
    test("the program that reads `add` opens the node, and reads", () => {
      const nodes = seen(name).map(({ node }) => node);
      const adds = tried(name, "add");
      const opened = adds.filter((each) => each.opened !== undefined);
      const results = opened.map(({ devname, opened: how }) => `${devname} ${how}`);
      expect(sorted(results)).toEqual(sorted(nodes.map((node) => `${node} ok`)));
      const reads = adds.filter(({ read }) => typeof read === "number" && read > 0).map(({ devname }) => devname);
      expect(sorted(reads)).toEqual(sorted(nodes));
    });

    test("the program that reads `remove` finds no node, and may not open one of its number", () => {
      const own = BOXES[name].hasUsers ? "mknod EPERM" : "EPERM";
      const removed = tried(name, "remove").map(
        ({ devname, node, own: made, given }) => `${devname} ${node}, ${made}, ${given}`,
      );
      expect(sorted(removed)).toEqual(sorted(seen(name).map(({ node }) => `${node} ENOENT, ${own}, EPERM`)));
    });

    test("never had a device in its hands that it does not see, whatever number that has", () => {
      const had = Object.keys(report().boxes[name].had).filter((what) => IDENTITY.test(what));
      expect(had.sort()).toEqual([...new Set(seen(name).map(({ identity }) => identity))].sort());
    });

    test("has the links that the host has of what it sees, and no others", () => {
      for (const { id, links, seenBy } of report().plugged) {
        expect(links.host, id).not.toEqual([]);
        expect(links.boxes[name], id).toEqual(seenBy.includes(name) ? links.host : []);
      }
    });
  });

  const withSys = NAMES.filter((name) => BOXES[name].sysfs === "auto");

  test.each(withSys)("lsblk and udevadm in the container with the policy %s show what it sees", (name) => {
    const shown = report().plugged.flatMap((each) => (each.shown ? [{ ...each, ...each.shown[name] }] : []));
    expect(shown.map(({ id }) => id)).toEqual(["stick", "disk-later"]);
    for (const { id, seenBy, lsblk, walk } of shown) {
      const disks = seenBy.includes(name) ? ["sda"] : [];
      expect(lsblk, id).toEqual(disks);
      expect(walk?.slice(0, 1), id).toEqual(disks);
    }
    for (const nothing of [report().before, report().after])
      expect(nothing[name]).toEqual({ lsblk: [], lsusb: [], walk: [] });
  });

  test.each(withSys)(
    "lsusb in the container with the policy %s shows a stick if it sees more of it than the disk",
    (name) => {
      const sticks = report().plugged.flatMap(({ shown }) =>
        shown ? [shown[name]?.lsusb.filter((each) => each === STICK)] : [],
      );
      expect(sticks).toEqual([name === "usb" ? [STICK] : [], []]);
    },
  );

  test("nothing was to be warned of", () => expect(report().warnings).toEqual([]));
}
