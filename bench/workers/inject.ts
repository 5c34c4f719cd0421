// inject PID FILE AT-ONCE: as native/inject.c, through the addon: the way that the relay's netlink outlet takes.
import { readFileSync } from "node:fs";

import { openLinux } from "@uevent-bridge/linux";

import { readDatagrams } from "../harness/datagrams.js";
import { serve } from "../harness/serve.js";

const [pid, file = "", atOnce] = process.argv.slice(2);
const { slab, starts, ends } = readDatagrams(readFileSync(file));
const linux = openLinux();
const target = linux.openTarget({ pid: Number(pid) });
const injector = target.openInjector("kernel");
const sender = linux.openSender();

function inject(first: number, count: number): number {
  for (let i = first; i < first + count; i++) {
    const which = i % starts.length;
    sender.stage(slab, starts[which] ?? 0, ends[which] ?? 0);
    sender.push(injector);
  }
  return count - sender.flush().length;
}

await serve((wanted) => {
  let count = 0;
  for (let i = 0; i < wanted; i += Number(atOnce)) count += inject(i, Math.min(Number(atOnce), wanted - i));
  return { count, sum: 0 };
});
injector.close();
target.close();
