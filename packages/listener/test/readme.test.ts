import { readFileSync } from "node:fs";

import { afterAll, beforeAll, expect, test } from "vitest";

import type { ListenerErrorCode } from "../src/index.js";
import type { Built } from "./support/built.js";
import { buildListener } from "./support/built.js";
import { run } from "./support/child.js";
import { containerDirectory } from "./support/container-directory.js";
import { FakeRelay, socketsIn } from "./support/fake-relay.js";
import { event, hello, synced } from "./support/messages.js";
import { withSockets } from "./support/unix-dgram.js";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

let built: Built;
beforeAll(async () => void (built = await buildListener()));
afterAll(() => built.remove());

test("the example does what it says", withSockets, async () => {
  const dir = containerDirectory();
  const child = run(built.path, dir, example());
  await expect.poll(() => socketsIn(dir).length).toBe(1);
  using relay = new FakeRelay(dir);
  const env = { DEVNAME: "loop0" };
  await relay.say(hello, event(1, { devpath: "/devices/virtual/block/loop0", env }), synced, { kind: "gap", lost: 2 });
  const lines = new Set([await child.line(), await child.line(), await child.line()]);
  expect(lines).toEqual(new Set(["1 devices", "2 events lost", "add /devices/virtual/block/loop0 loop0"]));
});

/** The first example, for the test's directory. */
function example(): string {
  const code = /```js\n(.*?)```/s.exec(README)?.[1] ?? "";
  expect(code).toContain("await listen()");
  return code.replace(/^import .*$/m, "").replace("await listen()", "await listen({ dir })");
}

test("each code of an error has its row", () => {
  const codes: Record<ListenerErrorCode, true> = { ADDON_MISSING: true, PATH_UNUSABLE: true, VERSION_MISMATCH: true };
  for (const code of Object.keys(codes)) expect(README).toContain(`| \`${code}\``);
});
