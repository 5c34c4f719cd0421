import type { Socket } from "node:net";

/** The longest line that a relay takes, in UTF-16 code units. */
export const MAX_LINE = 65_536;
/** The longest that it may answer: a tree of some 50 000 devices. */
export const MAX_ANSWER = 16_777_216;

/**
 * The first line that comes in, without its newline. What follows is dropped.
 *
 * @param max its longest, in UTF-16 code units
 * @throws Error the line is too long, or the other side ended before it
 */
export function readLine(socket: Socket, max = MAX_LINE): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onData = (chunk: string): void => {
      const end = chunk.indexOf("\n");
      const length = text.length + (end < 0 ? chunk.length : end);
      text += chunk;
      if (end < 0 && length <= max) return;
      socket.off("data", onData).resume(); // the end is seen only while reading
      if (end >= 0 && length <= max) resolve(text.slice(0, length));
      else reject(new Error(`a line of more than ${max} characters`));
    };
    socket.setEncoding("utf8").on("data", onData);
    socket.once("error", reject).once("close", () => reject(new Error("the connection ended before a whole line")));
  });
}
