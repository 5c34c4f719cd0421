import { existsSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { AGENT, Running, until } from "./program.js";
import { REFUSE } from "./refuse.js";
import { Sender, uevent } from "./sender.js";

const EVENTS = 400;
/** Fewer than the reader's buffer holds: once the other socket is full, the agent waits for nobody. */
const LOT = 50;

/** Shows what comes on the netlink of its network namespace, beside an agent whose calls are refused. A second socket reads nothing. */
const READER = `${REFUSE}
import socket
def listen():
    opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
    opened.bind((0, 1))
    return opened
reader, deaf = listen(), listen()
deaf.setsockopt(270, 4, 1) # NETLINK_BROADCAST_ERROR: who sends hears of what it loses
if os.fork() == 0:
    if sys.argv[1]:
        refuse(*sys.argv[1].split())
    os.execv(sys.argv[2], sys.argv[2:])
while True:
    print(reader.recv(8192).decode().split("\\0")[0], flush=True)
`;

const NEEDED = needs("user namespaces", "debian package python3");

test.each([
  ["where a reader loses events", ""],
  ["where the kernel's answers are lost", "recvfrom 2 36 ENOBUFS"],
])("%s, each is said once", NEEDED, async (_where, refused) => {
  using directory = temporaryDirectory();
  const socket = join(directory.path, "agent.sock");
  const words = ["python3", "-c", READER, refused, AGENT, "inject", "--dir", directory.path];
  await using reader = new Running("unshare", [
    "--user",
    "--map-root-user",
    "--net",
    "--kill-child",
    "--pid",
    "--fork",
    ...words,
  ]);
  await until(() => existsSync(socket) || reader.hasEnded, "it listens");
  await using sender = new Sender();
  const paths = Array.from({ length: EVENTS }, (_, i) => `/devices/${i}`);
  for (let i = 0; i < EVENTS; i += LOT) {
    const lot = paths.slice(i, i + LOT).map((path) => uevent("change", path, { A: "x".repeat(300) }));
    await sender.send(socket, ...lot);
    await until(() => reader.lines.length >= i + LOT || reader.hasEnded, "all are heard");
  }
  expect(reader.lines).toEqual(paths.map((path) => `change@${path}`));
  expect(reader.stderr).toBe("");
});
