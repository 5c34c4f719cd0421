import { spawn } from "node:child_process";
import { once } from "node:events";
import { fstatSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { ERRNO } from "../src/errno.js";
import { udevListens } from "../src/udev.js";

const addon = loadAddon();
/** As udevd: it listens until its input ends. */
const LISTENS = `
import socket, sys
control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
control.bind(sys.argv[1])
control.listen()
print("listens", flush=True)
sys.stdin.read()
control.setblocking(False)
try:
    control.accept()
    print("disturbed")
except BlockingIOError:
    print("undisturbed")
`;

/** It is seen as long as it is there. */
async function expectSeen(program: string, ...args: readonly string[]): Promise<void> {
  using directory = temporaryDirectory();
  const control = join(directory.path, "control");
  const runs = () => udevListens(addon, control);
  expect(runs()).toBe(false);
  const udevd = spawn(program, [...args, "-c", LISTENS, control], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void udevd.kill());
  const said: string[] = [];
  udevd.stdout.on("data", (bytes) => said.push(String(bytes)));
  await once(udevd.stdout, "data");
  expect(runs()).toBe(true);
  udevd.stdin.end();
  await once(udevd, "close");
  expect(said.join("")).toBe("listens\nundisturbed\n");
  expect(runs()).toBe(false); // its file is left
}

test(
  "udevd runs as long as it has its socket, which the question does not disturb",
  needs("debian package python3"),
  () => expectSeen("python3"),
);
test("so it does where the kernel's list of sockets has it not", needs("root", "debian package python3"), () =>
  expectSeen("unshare", "-n", "python3"),
); // the list is that of a network namespace

test("a file is no udevd, nor what takes datagrams", () => {
  using directory = temporaryDirectory();
  const control = join(directory.path, "control");
  writeFileSync(control, "");
  expect(udevListens(addon, control)).toBe(false);
  const connected = openSync(control, "r");
  expect(udevListens({ connectSocketFile: () => connected }, control)).toBe(false);
  expect(() => fstatSync(connected)).toThrow("EBADF");
});

test("who may not ask believes the file, and what the system refuses otherwise is said", () => {
  using directory = temporaryDirectory();
  const control = join(directory.path, "control");
  writeFileSync(control, "");
  const answering = (name: "EACCES" | "EMFILE") => ({ connectSocketFile: () => -ERRNO[name] });
  expect(udevListens(answering("EACCES"), control)).toBe(true);
  expect(() => udevListens(answering("EMFILE"), control)).toThrow("EMFILE");
});
