import { statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { Failure } from "./failure.mjs";
import { ROOT } from "./paths.mjs";

const PATIENCE_MS = 10 * 60_000;

/**
 * An abstract unix socket: `bind` is atomic, and the kernel takes it back the moment its holder dies, however it dies.
 * Device and inode name the tree, so that clones do not wait for each other and two paths to one tree do.
 */
function lockName(tree) {
  const { dev, ino } = statSync(tree);
  return `\0uevent-bridge-bootstrap:${dev}:${ino}`;
}

function tryToBind(name) {
  return new Promise((resolve, reject) => {
    const waiting = new Set();
    const server = createServer((socket) => {
      waiting.add(socket.on("error", () => {})); // a waiter that was killed
    });
    server.once("error", (error) => (error.code === "EADDRINUSE" ? resolve(undefined) : reject(error)));
    server.listen(name, () => {
      const release = () => {
        server.close();
        for (const socket of waiting) socket.destroy();
      };
      resolve({ release, fd: server._handle.fd }); // Node has no public name for it
    });
  });
}

/** Connected to the holder until the holder is done: its end ends the connection. */
function untilReleased(name, timeoutMs) {
  return new Promise((resolve) => {
    const socket = connect(name);
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    socket.on("error", () => {}); // released since we tried
    socket.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * Waits until no other start works on this tree. Who inherits `fd` holds the lock too, until it ends: a compiler whose
 * start was killed is not disturbed. @throws Failure after ten minutes
 */
export async function holdLock(tree = ROOT) {
  const name = lockName(tree);
  const deadline = Date.now() + PATIENCE_MS;
  let lock = await tryToBind(name);
  if (!lock) console.error("another start is preparing this tree; waiting for it");
  while (!lock) {
    if (Date.now() >= deadline)
      throw new Failure(`${name.slice(1)} is held for ten minutes now; ss -xlp names its holder`);
    await untilReleased(name, deadline - Date.now());
    lock = await tryToBind(name);
  }
  return lock;
}
