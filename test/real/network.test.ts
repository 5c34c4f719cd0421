import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { needs } from "../needs.js";
import { startContainer } from "./container.js";
import { ip } from "./ip.js";
import type { Hearer } from "./listener.js";
import { headers, isOfObject, openListener, openReader, until } from "./listener.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

const net = (name: string): string => `/devices/virtual/net/${name}`;
const [LO, FIRST, SECOND] = [net("lo"), net("first0"), net("second0")];

describe("a network device of a container", needs("root"), () => {
  test("that is made there is told to its listeners alone, whatever the rules of others say", async () => {
    await using stack = new Stack();
    const [a, b, host] = await open(stack);
    ip(a.pid, "link", "add", "first0", "type", "veth", "peer", "name", "second0", "netns", `${b.pid}`);
    ip(a.pid, "link", "set", "first0", "name", "renamed0");
    ip(b.pid, "link", "delete", "second0");
    await until(() => eventsOf(a.listener).length === 4 && eventsOf(b.listener).length === 3, "all is told");
    expect(eventsOf(a.listener)).toEqual([
      `add@${LO}`,
      `add@${FIRST}`,
      `move@${net("renamed0")}`,
      `remove@${net("renamed0")}`,
    ]);
    expect(eventsOf(b.listener)).toEqual([`add@${LO}`, `add@${SECOND}`, `remove@${SECOND}`]);
    await host.settle();
    expect(eventsOf(host.listener)).toEqual([]);
  });

  test("that is moved there is taken from the one that had it", async () => {
    await using stack = new Stack();
    const [a, b, host] = await open(stack);
    ip(a.pid, "link", "add", "first0", "type", "veth", "peer", "name", "second0");
    ip(a.pid, "link", "set", "second0", "netns", `${b.pid}`);
    await until(() => eventsOf(a.listener).length === 4 && eventsOf(b.listener).length === 2, "all is told");
    expect(eventsOf(a.listener).slice(1).toSorted()).toEqual([`add@${FIRST}`, `add@${SECOND}`, `remove@${SECOND}`]);
    expect(eventsOf(b.listener)).toEqual([`add@${LO}`, `add@${SECOND}`]);
    await host.settle();
    expect(eventsOf(host.listener)).toEqual([]);
  });

  test("is told once to who reads its netlink: by its own kernel", async () => {
    await using stack = new Stack();
    const [a] = await open(stack);
    using reader = openReader(a.pid);
    ip(a.pid, "link", "add", "first0", "type", "veth", "peer", "name", "second0");
    await until(() => eventsOf(a.listener).length === 3, "the listener is told");
    await until(() => eventsOf(reader).length === 2, "the reader is told");
    await a.settle();
    reader.drain();
    expect(eventsOf(reader).toSorted()).toEqual([`add@${FIRST}`, `add@${SECOND}`]);
  });
});

interface Told {
  readonly pid: number;
  readonly listener: Hearer;
  settle(): Promise<void>;
}

/** Two containers that may see all network devices, by socket and by netlink, and one that has not started. */
async function open(stack: Stack): Promise<readonly [Told, Told, Told]> {
  const runtimeDir = stack.use(temporaryDirectory()).path;
  const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir }));
  const attach = async (name: string, pid?: number): Promise<Told> => {
    const target = pid === undefined ? {} : { pid };
    const box = await relay.attach({ name, ...target, allow: ["subsystem=net"] });
    const listener = stack.use(openListener(`${box.mounts[0]?.source}/a.sock`));
    if (pid !== undefined) await until(() => eventsOf(listener).length === 1, "it is told of lo");
    return { pid: pid ?? 0, listener, settle: () => box.settle() };
  };
  const [a, b] = [stack.use(await startContainer()), stack.use(await startContainer())];
  return [await attach("a", a.pid), await attach("b", b.pid), await attach("none")];
}

/** What it heard of devices: a queue of one is none. */
function eventsOf({ heard }: Hearer): string[] {
  return headers(heard.filter((bytes) => !isOfObject(bytes)));
}
