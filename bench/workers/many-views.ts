// many-views DIRECTORY CGROUP CONTAINERS: a relay with so many containers, each with a /dev and rights of its own and ten devices of
// this machine. Prints what they take, as JSON: bench/scenarios/many-views.ts says what is in it.
import { mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";

import { literal } from "@uevent-bridge/filter";
import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";

import { mapBytes, mountsBelow, slabBytes } from "../harness/memory.js";

const DEVICES = 10;

const [directory = "", cgroup = "", wanted] = process.argv.slice(2);
const count = Number(wanted);
const cgroups = Array.from({ length: count }, (_, i) => join(cgroup, `box${i}`));
for (const each of cgroups) mkdirSync(each);
const relay = await openRelay({ kernel: openLinux({ lockDirectory: `${directory}/.locks` }), runtimeDir: directory });
const nodes = (await relay.devices()).filter(({ devname, number }) => devname !== undefined && number !== undefined);
const devices = nodes.slice(0, DEVICES).map(({ devpath }) => literal(devpath));

const before = { slab: slabBytes(), rss: process.memoryUsage.rss() };
const start = performance.now();
for (const [i, own] of cgroups.entries())
  await relay.attach({ name: `box${i}`, allow: devices, deliver: { socket: true }, dev: "auto", cgroup: own });
const attached = performance.now();
const inUse = {
  containers: mountsBelow(directory).length,
  nodes: readdirSync(join(directory, ".dev/box0/fs/dev")).length,
  rss: process.memoryUsage.rss() - before.rss,
  maps: mapBytes(),
  slab: slabBytes() - before.slab,
};
const closing = performance.now();
await relay.close();
const closed = performance.now();
for (const each of cgroups) rmdirSync(each);
const left = { mounts: mountsBelow(directory).length, maps: mapBytes() };
console.log(JSON.stringify({ ...inUse, attachMs: attached - start, closeMs: closed - closing, left }));
