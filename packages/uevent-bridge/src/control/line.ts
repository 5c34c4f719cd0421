import type { Socket } from "node:net";

/** The longest line that either side takes, in UTF-16 code units. */
export const MAX_LINE = 65_536;

/**
 * The first line that comes in, without its newline. What follows is dropped.
 *
 * @throws Error the line is too long, or the other side ended before it
 */
export function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onData = (chunk: string): void => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end < 0 && text.length <= MAX_LINE) return;
      socket.off("data", onData).resume(); // the end is seen only while reading
      if (end >= 0 && end <= MAX_LINE) resolve(text.slice(0, end));
      else reject(new Error(`a line of more than ${MAX_LINE} characters`));
    };
    socket.setEncoding("utf8").on("data", onData);
    socket.once("error", reject).once("close", () => reject(new Error("the connection ended before a whole line")));
  });
}
