import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { FakeFolder, MountOptions } from "@uevent-bridge/kernel/testing";
import { expect, test } from "vitest";

import { examined } from "../examined.js";
import type { Found } from "../examined.js";
import { FakeIo } from "../fake-io.js";

test.each<[code: string, level: string, message: RegExp, options: MountOptions, fill: (folder: FakeFolder) => unknown]>(
  [
    ["there", "ok", /and nobody listens in it$/, {}, () => {}],
    ["there", "ok", /and 2 listen in it: "a\.sock", "b\.udev\.sock"$/, {}, (it) => binds(it, "a.sock", "b.udev.sock")],
    ["read-only", "problem", /is read-only/, { isReadOnly: true }, () => {}],
    ["removed", "problem", /was removed on the host/, { isRemoved: true }, () => {}],
    ["foreign", "problem", /belongs to uid 0, and its root is uid 100000 here/, { uid: 0 }, () => {}],
    ["dead", "note", /have ended: "a\.sock"$/, {}, (it) => it.bind("a.sock").close()],
    [
      "too-many",
      "problem",
      /^65 listen in its \/run\/uevent, and a relay tells 64/,
      {},
      (it) => binds(it, ...sockets(65)),
    ],
    ["passed-over", "problem", /: "a" has a name that does not end in \.sock$/, {}, (it) => binds(it, "a")],
    ["passed-over", "problem", /: "\uFFFD\.sock" has a name that is not UTF-8$/, {}, (it) => binds(it, "\uFFFD.sock")],
    ["passed-over", "problem", /: "a" is a socket that takes no/, {}, (it) => it.bind("a", { denied: true })],
    ["passed-over", "problem", /: "a\.sock" is a symlink$/, {}, (it) => it.odd("a.sock", "symlink")],
    ["passed-over", "problem", /: "a\.sock" is a directory$/, {}, (it) => it.odd("a.sock", "directory")],
    ["passed-over", "problem", /: "a\.sock" is no socket$/, {}, (it) => it.odd("a.sock", "file")],
  ],
)("run-uevent.%s is a %s: %s", async (code, level, message, options, fill) => {
  const kernel = new FakeKernel({ udev: true });
  const box = kernel.container();
  const folder = kernel.directory("/run/uevent-bridge/box");
  box.places.mount("/run/uevent", folder, options);
  fill(folder);
  const [finding] = (await examined(kernel, box)).filter((each) => each.code === `run-uevent.${code}`);
  expect(finding).toMatchObject({ check: "run-uevent", level, message: expect.stringMatching(message) as unknown });
  if (level !== "ok") expect(finding?.remedy).toMatch(/^[A-Z].*\.$/);
});

test("a /run/uevent in which nothing is amiss, or none, is no more than said to be", async () => {
  const kernel = new FakeKernel({ udev: true });
  const [box, without] = [kernel.container(), kernel.container()];
  const folder = kernel.directory("/run/uevent-bridge/box");
  box.places.mount("/run/uevent", folder);
  binds(folder, ...sockets(64), ".being-bound.new");
  for (const kind of ["file", "directory", "symlink"] as const) folder.odd(kind, kind);
  const found = [...(await examined(kernel, box)), ...(await examined(kernel, without))];
  const codes = found.map(({ code }) => code).filter((code) => code.startsWith("run-uevent."));
  expect(codes).toEqual(["run-uevent.there", "run-uevent.none"]);
});

test("a /run/uevent that is no directory, and file systems that do not answer", async () => {
  const kernel = new FakeKernel({ udev: true });
  const [odd, hung] = [kernel.container(), kernel.container()];
  const run = kernel.directory("/run/of/box");
  odd.places.mount("/run", run);
  run.odd("uevent", "file");
  hung.places.hang();
  const problems = [...(await examined(kernel, odd)), ...(await examined(kernel, hung))].filter(isProblem);
  expect(problems.map(({ code }) => code)).toEqual(["run-uevent.no-directory", "run-uevent.unknown"]);
});

test("of many names some are said, and how many there are", async () => {
  const kernel = new FakeKernel({ udev: true });
  const box = kernel.container();
  const folder = kernel.directory("/run/uevent-bridge/box");
  box.places.mount("/run/uevent", folder);
  binds(folder, ...sockets(7));
  const [finding] = (await examined(kernel, box)).filter(({ code }) => code === "run-uevent.there");
  expect(finding?.message).toMatch(/7 listen in it: "0\.sock", .* and 2 more$/);
});

test.each<[code: string, level: string, at: string, fill: (folder: FakeFolder) => unknown]>([
  ["there", "ok", "/relay/udev", (it) => [it.odd("control", "file"), it.odd("data", "directory")]],
  ["there", "ok", "/other/udev", (it) => [it.bind("control", { denied: true }), it.odd("data", "directory")]],
  ["hosts", "note", "/run/udev", (it) => [it.bind("control", { denied: true }), it.odd("data", "directory")]],
  ["stale", "note", "/other/udev", (it) => [it.bind("control").close(), it.odd("data", "directory")]],
  ["no-data", "note", "/other/udev", (it) => it.odd("control", "file")],
])("run-udev.%s is a %s (%s)", async (code, level, at, fill) => {
  const kernel = new FakeKernel({ udev: true });
  const box = Object.assign(kernel.container(), { hasControl: true });
  const folder = kernel.directory(at);
  box.places.mount("/run/udev", folder, { isReadOnly: true });
  fill(folder);
  const findings = (await examined(kernel, box)).filter((each) => each.code.startsWith("run-udev."));
  expect(findings).toMatchObject([{ code: `run-udev.${code}`, level }]);
  if (level !== "ok") expect(findings[0]?.remedy).toMatch(/^[A-Z].*\.$/);
});

test("what a file of a container is called cannot steer a terminal", async () => {
  const kernel = new FakeKernel({ udev: true });
  const { pid, places } = kernel.container();
  const folder = kernel.directory("/run/uevent-bridge/box");
  places.mount("/run/uevent", folder);
  binds(folder, "\x1b[2Ja\u202e\u009b.sock");
  using io = new FakeIo({ kernel });
  await io.run("doctor", "--pid", `${pid}`);
  expect(io.stdout.text).toContain("a\\u202e\\u009b.sock");
  expect(io.stdout.text).not.toMatch(/[\x1b\x9b\u202e]/);
});

const isProblem = ({ level }: Found): boolean => level === "problem";

const sockets = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `${i}.sock`);

/** Programs bind sockets of these names. */
function binds(folder: FakeFolder, ...names: readonly string[]): void {
  for (const name of names) folder.bind(name);
}
