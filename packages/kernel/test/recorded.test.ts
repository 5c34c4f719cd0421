import { readFileSync, readdirSync } from "node:fs";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { expect, test } from "vitest";
import { listenTo } from "./listen-to.js";

const CORPUS = new URL("../../../test/corpus/", import.meta.url);
const HEADER = 40; // bytes before each payload
const OF_THE_EVENT = /^(SYNTH_|DEVPATH_OLD|DISK_MEDIA_CHANGE|SDEV_UA|HOTPLUG|CONNECTOR|TRIGGER|DM_COOKIE)/;

const recordings = readdirSync(CORPUS).filter((name) => /^(guest|host)-.*\.bin$/.test(name));

test.each(recordings)("FakeKernel says each datagram of %s byte for byte, but for SEQNUM", (name) => {
  const recorded = read(name);
  const fake = new FakeKernel();
  const heard = listenTo(fake);
  for (const datagram of recorded) {
    say(fake, datagram);
    fake.run();
  }
  expect(heard.map(withoutSeqnum)).toEqual(recorded.map(withoutSeqnum));
});

/** Makes a device of what the datagram says of it, and then the event. */
function say(fake: FakeKernel, datagram: string): void {
  const [header = "", , , subsystem = "", ...pairs] = withoutSeqnum(datagram).split("\0").slice(0, -1);
  const [action = "", devpath = ""] = header.split(/@(.*)/s);
  const entries = pairs.map((pair) => pair.split(/=(.*)/s) as [string, string]);
  const { DRIVER, ...properties } = Object.fromEntries(entries.filter(([key]) => !OF_THE_EVENT.test(key)));
  const extras = Object.fromEntries(entries.filter(([key]) => OF_THE_EVENT.test(key)));
  const silent = true;
  fake.plug(devpath, { subsystem: subsystem.slice("SUBSYSTEM=".length), properties, silent });
  if (DRIVER !== undefined) fake.bind(devpath, DRIVER, { silent });
  fake.say(action, devpath, { extras });
  fake.unplug(devpath, { silent });
}

function read(name: string): string[] {
  const file = readFileSync(new URL(name, CORPUS));
  const datagrams: string[] = [];
  for (let at = 0; at < file.length;) {
    const end = at + HEADER + file.readUInt32LE(at + 4);
    datagrams.push(file.toString("latin1", at + HEADER, end));
    at = end;
  }
  return datagrams;
}

function withoutSeqnum(datagram: string): string {
  return datagram.replace(/SEQNUM=\d+\0$/, "");
}
