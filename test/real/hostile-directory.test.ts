import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { needs } from "../needs.js";
import { headers, openListener, until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { ownTimeUntil } from "./own-time.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

/** What a container does in its directory; `elsewhere` is a socket that is not its own. */
type Attack = (directory: string, elsewhere: string, stack: Stack) => void | Promise<void>;

const attacks: readonly (readonly [what: string, attack: Attack])[] = [
  ["a listener that never reads", (directory, _, stack) => stack.use(openListener(`${directory}/mute.sock`)).pause()],
  ["a listener that died and left its file", (directory) => openListener(`${directory}/dead.sock`).close()],
  [
    "a listener that was renamed",
    (directory, _, stack) => {
      stack.use(openListener(`${directory}/one.sock`));
      renameSync(`${directory}/one.sock`, `${directory}/two.sock`);
    },
  ],
  ["a symlink to another's socket", (directory, elsewhere) => symlinkSync(elsewhere, `${directory}/link.sock`)],
  ["a symlink to itself", (directory) => symlinkSync("self.sock", `${directory}/self.sock`)],
  ["a FIFO", (directory) => void execFileSync("mkfifo", [`${directory}/fifo.sock`])],
  ["a regular file", (directory) => writeFileSync(`${directory}/file.sock`, "")],
  ["a directory", (directory) => mkdirSync(`${directory}/directory.sock`)],
  ["a stream socket", (directory, _, stack) => listenStream(`${directory}/stream.sock`, stack)],
  ["500 listeners that died", (directory) => fill(directory, 500, (path) => openListener(path).close())],
  ["5000 files", (directory) => fill(directory, 5000, (path) => writeFileSync(path, ""))],
];

const EVENTS = 50;
/** Milliseconds of the relay within which a listener that comes is told what there is, and an event is told. */
const COLDPLUG_MS = 2000;
const EVENT_MS = 500;

describe("in a directory with", needs("root", "loop devices"), () => {
  test.each(attacks)("%s listeners before, after and elsewhere are told everything, in time", async (_, attack) => {
    await using stack = new Stack();
    const runtimeDir = stack.use(temporaryDirectory()).path;
    const [mine = "", hidden = ""] = stack.use(withLoops(2)).devices;
    const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir }));
    const directory = (await relay.attach({ name: "box", allow: [mine] })).mounts[0]?.source ?? "";
    const another = (await relay.attach({ name: "another", allow: [mine] })).mounts[0]?.source ?? "";
    const elsewhere = stack.use(openListener(join(runtimeDir, "elsewhere.sock")));
    const before = stack.use(openListener(`${directory}/before.sock`));
    const next = stack.use(openListener(`${another}/next.sock`));
    await until(() => before.heard.length === 1 && next.heard.length === 1, "they have their coldplug");

    await attack(directory, join(runtimeDir, "elsewhere.sock"), stack);
    const after = stack.use(openListener(`${directory}/after.sock`));
    expect(await ownTimeUntil(() => after.heard.length === 1, "it is told")).toBeLessThan(COLDPLUG_MS);
    const live = [before, after, next];
    for (let i = 2; i < EVENTS + 2; i++) {
      for (const devpath of [hidden, mine]) change(devpath);
      const isTold = (): boolean => live.every(({ heard }) => heard.length === i);
      expect(await ownTimeUntil(isTold, "they are told")).toBeLessThan(EVENT_MS);
    }
    const history = [`add@${mine}`, ...Array<string>(EVENTS).fill(`change@${mine}`)];
    for (const { heard } of live) expect(headers(heard)).toEqual(history);
    expect(elsewhere.heard).toEqual([]);
  });
});

function fill(directory: string, count: number, make: (path: string) => void): void {
  for (let i = 0; i < count; i++) make(`${directory}/${i}.sock`);
}

async function listenStream(path: string, stack: Stack): Promise<void> {
  const server = createServer().listen(path);
  await once(server, "listening");
  stack.use({ [Symbol.dispose]: () => void server.close() });
}
