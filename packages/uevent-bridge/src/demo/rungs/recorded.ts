import { FakeKernel } from "@uevent-bridge/kernel/testing";

import { HeardSoFar } from "../container.js";
import type { DemoContainer } from "../container.js";
import { headerOf } from "../sighting.js";
import type { Channel } from "../sighting.js";
import type { Rung } from "../stage.js";
import { RECORDED, RECORDED_DEVICE } from "./recording.js";

const BYSTANDER = "/devices/virtual/mem/null";

/** Recorded datagrams, said by a kernel in memory to containers in memory: works everywhere. */
export const recorded: Rung = {
  name: "recorded datagrams",
  async open() {
    const kernel = new FakeKernel();
    kernel.plug(BYSTANDER, { subsystem: "mem", properties: { DEVNAME: "null" } });
    return {
      title: "recorded datagrams of a USB serial adapter, replayed in memory",
      kernel,
      device: RECORDED_DEVICE,
      bystander: BYSTANDER,
      steps: RECORDED.map((text) => () => replay(kernel, text)),
      start: async (name, directory) => fakeContainer(kernel, name, directory),
      async [Symbol.asyncDispose]() {},
    };
  },
};

/** Brings the tree to where the event leaves it, then says the event's own bytes. */
function replay(kernel: FakeKernel, text: string): void {
  const bytes = Buffer.from(`${text}\0`, "latin1");
  const { action, devpath } = headerOf(bytes);
  const { SUBSYSTEM: subsystem = "", ...properties } = propertiesOf(text);
  if (action === "add") kernel.plug(devpath, { subsystem, properties, silent: true });
  else if (action === "remove") kernel.unplug(devpath, { silent: true });
  else kernel.change(devpath, { properties: { DRIVER: undefined, MODALIAS: undefined, ...properties }, silent: true });
  kernel.emit(bytes);
}

const OF_THE_EVENT: ReadonlySet<string> = new Set(["ACTION", "DEVPATH", "SEQNUM"]);

function propertiesOf(text: string): Record<string, string> {
  const pairs = text.split("\0").slice(1);
  const entries = pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const);
  return Object.fromEntries(entries.filter(([key]) => !OF_THE_EVENT.has(key)));
}

function fakeContainer(kernel: FakeKernel, name: string, directory: string): DemoContainer {
  const container = kernel.container();
  const listener = kernel.directory(directory).bind("demo.sock");
  const reader = container.reader();
  const heard = new HeardSoFar();
  const take = (channel: Channel, datagrams: readonly Uint8Array[]): void => {
    for (const bytes of datagrams) heard.add(channel, { at: process.hrtime.bigint(), bytes });
  };
  return {
    name,
    directory,
    heard,
    target: { pid: container.pid },
    namespaces: [],
    async sync() {
      await kernel.idle();
      take("socket", listener.readAll());
      take("netlink", reader.readAll());
    },
    async [Symbol.asyncDispose]() {
      listener.unlink();
      reader.close();
      container.end();
    },
  };
}
