import { once } from "node:events";
import { linkSync } from "node:fs";
import { createServer } from "node:net";

/** A socket file that nobody listens on any more, as SIGKILL leaves it. */
export async function leaveDeadSocket(at: string): Promise<void> {
  const server = createServer().listen(`${at}.tmp`);
  await once(server, "listening");
  linkSync(`${at}.tmp`, at);
  server.close();
  await once(server, "close");
}
