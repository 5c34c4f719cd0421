import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { encode, isMalformed, toUevent } from "@uevent-bridge/uevent";
import type { Uevent } from "@uevent-bridge/uevent";
import { afterEach, beforeEach, expect, test } from "vitest";

import { hasEnded } from "../../../../test/real/processes.js";
import { Helpers } from "../../src/exec/helpers.js";

let directory: string;
let troubles: string[];
let helpers: Helpers;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "uevent-bridge-exec-"));
  troubles = [];
});
afterEach(async () => {
  await helpers.end();
  rmSync(directory, { recursive: true, force: true });
});

/** A helper: a shell script whose own directory is in `$DIR`. */
function script(body: string, options: { helperMs?: number; waitingMax?: number } = {}): Helpers {
  const program = join(directory, "helper");
  writeFileSync(program, `#!/bin/sh\nDIR=${directory}\n${body}\n`);
  chmodSync(program, 0o755);
  const onTrouble = (sentence: string): void => void troubles.push(sentence);
  return (helpers = new Helpers({ program, onTrouble, ...options }));
}

function uevent(action: string, name: string, properties: Record<string, string> = {}): Uevent {
  const devpath = `/devices/virtual/misc/${name}`;
  const bytes = encode({ action, devpath, subsystem: "misc", properties: Object.entries(properties), seqnum: 7 });
  const event = toUevent(bytes);
  if (isMalformed(event)) throw new Error(event.malformed);
  return event;
}

const log = (): string[] =>
  existsSync(join(directory, "log")) ? readFileSync(join(directory, "log"), "utf8").split("\n").slice(0, -1) : [];

async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !isSo();) {
    if (Date.now() > end) throw new Error(`waited in vain: ${log().join()}; ${troubles.join()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("a helper is run as the kernel would: the subsystem, and the event's variables alone", async () => {
  process.env["UEVENT_BRIDGE_TEST"] = "ours";
  const all = script(
    'echo "$# $1 $ACTION $DEVPATH $DRIVER ${SEQNUM:-none} ${UEVENT_BRIDGE_TEST:-none} $HOME $PATH $(pwd)" >>$DIR/log',
  );
  await all.run(uevent("add", "a", { DRIVER: "x y=z" }));
  await until(() => log().length > 0);
  expect(log()).toEqual(["1 misc add /devices/virtual/misc/a x y=z none none / /sbin:/bin:/usr/sbin:/usr/bin /"]);
});

test("those of one device run one after the other, in order; those of others beside them", async () => {
  const all = script(`case $DEVPATH in */slow) while [ ! -e $DIR/go ]; do sleep 0.01; done;; esac
echo "$ACTION $(basename $DEVPATH)" >>$DIR/log`);
  for (const action of ["add", "change", "remove"]) await all.run(uevent(action, "slow"));
  await all.run(uevent("add", "quick"));
  await until(() => log().length > 0);
  expect(log()).toEqual(["add quick"]);
  writeFileSync(join(directory, "go"), "");
  await until(() => log().length === 4);
  expect(log().slice(1)).toEqual(["add slow", "change slow", "remove slow"]);
});

test("a device that moved waits for what is run where it was", async () => {
  const all = script('[ $ACTION = add ] && sleep 0.2; echo "$ACTION $(basename $DEVPATH)" >>$DIR/log');
  await all.run(uevent("add", "old"));
  await all.run(uevent("move", "new", { DEVPATH_OLD: "/devices/virtual/misc/old" }));
  await all.run(uevent("remove", "new"));
  await until(() => log().length === 3);
  expect(log()).toEqual(["add old", "move new", "remove new"]);
});

test("what is above or below a device waits for its turn too, and it for them", async () => {
  const all = script(`case $DEVPATH in */a/b) while [ ! -e $DIR/go ]; do sleep 0.01; done;; esac
echo "$ACTION \${DEVPATH#/devices/virtual/misc/}" >>$DIR/log`);
  const events = ["add a", "add a/b", "change a/b/c", "remove a/b", "remove a", "add a/d", "add ab"];
  for (const event of events) await all.run(uevent(...(event.split(" ") as [string, string])));
  await until(() => log().length === 2);
  expect(log().toSorted()).toEqual(["add a", "add ab"]); // by segments: ab is not below a
  writeFileSync(join(directory, "go"), "");
  await until(() => log().length === events.length);
  expect(log().filter((line) => line !== "add ab")).toEqual(events.slice(0, -1));
});

test("what is below the place that a device has left waits for its move", async () => {
  const all = script('[ $ACTION = move ] && sleep 0.2; echo "$ACTION $(basename $DEVPATH)" >>$DIR/log');
  await all.run(uevent("move", "new", { DEVPATH_OLD: "/devices/virtual/misc/old" }));
  await all.run(uevent("add", "old/x"));
  await all.run(uevent("add", "new/y"));
  await until(() => log().length === 3);
  expect(log()[0]).toBe("move new");
});

test("one that hangs is ended with all that it started, and the next is run", async () => {
  const all = script("[ $ACTION = add ] && { sleep 1000 & echo $! >>$DIR/log; wait; }; echo $ACTION >>$DIR/log", {
    helperMs: 300,
  });
  await all.run(uevent("add", "a"));
  await all.run(uevent("change", "a"));
  await until(() => log().includes("change"));
  expect(troubles.join("\n")).toMatch(/add@.*did not end within 0.3 s, and is ended/);
  await until(() => hasEnded(Number(log()[0])));
});

test("variables that would be taken for something else are kept from it, and said", async () => {
  const all = script('echo "${LD_PRELOAD:-none} ${IFS:+ifs} ${BASH_ENV:-none}" >>$DIR/log');
  await all.run(uevent("add", "a", { LD_PRELOAD: "/evil.so", BASH_ENV: "/evil", PATH: "/evil" }));
  await until(() => log().length > 0);
  expect(log()).toEqual(["none ifs none"]);
  expect(troubles).toEqual([expect.stringMatching(/LD_PRELOAD.*BASH_ENV.*PATH|kept from/)]);
});

test("one that cannot be run, as while it is written, is said and stops nothing", async () => {
  const all = script("echo $ACTION >>$DIR/log");
  const program = join(directory, "helper");
  const writing = openSync(program, "r+"); // busy
  await all.run(uevent("add", "a"));
  await until(() => troubles.length === 1);
  expect(troubles).toEqual([expect.stringMatching(/add@.* cannot be run: .*ETXTBSY/)]);
  closeSync(writing);
  await all.run(uevent("change", "a"));
  await until(() => log().includes("change"));
});

test("one that fails is said, and stops nothing", async () => {
  const all = script("echo $ACTION >>$DIR/log; [ $ACTION = change ] && kill -9 $$; [ $ACTION != add ]");
  for (const action of ["add", "change", "remove"]) await all.run(uevent(action, "a"));
  await until(() => log().length === 3);
  await until(() => troubles.length === 2);
  expect(troubles).toEqual([
    expect.stringMatching(/add@.* exited with 1$/),
    expect.stringMatching(/change@.* ended by SIGKILL$/),
  ]);
});

test("what is beyond the bound waits with whoever tells it, and nothing is lost", async () => {
  const all = script("while [ ! -e $DIR/go ]; do sleep 0.05; done; echo $DEVPATH >>$DIR/log", { waitingMax: 4 });
  let told = 0;
  const telling = (async () => {
    for (let n = 0; n < 12; n++, told++) await all.run(uevent("add", `d${n % 2}`));
  })();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(told).toBe(3); // the fourth waits with whoever tells it
  writeFileSync(join(directory, "go"), "");
  await telling;
  await until(() => log().length === 12);
});

test("all who wait for room are told of it", async () => {
  const all = script("while [ ! -e $DIR/go ]; do sleep 0.05; done", { waitingMax: 2 });
  const told = ["a", "b", "c", "d"].map((name) => all.run(uevent("add", name)));
  writeFileSync(join(directory, "go"), "");
  await Promise.all(told);
});

test("at the end those that run are ended, and nothing more is run", async () => {
  const all = script("trap 'echo ended >>$DIR/log; exit' TERM; echo begun >>$DIR/log; while :; do sleep 0.02; done");
  await all.run(uevent("add", "a"));
  await all.run(uevent("change", "a"));
  await until(() => log().length === 1);
  await all.end();
  expect(log()).toEqual(["begun", "ended"]);
  expect(troubles).toEqual([]);
});
