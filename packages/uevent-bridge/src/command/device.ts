import { CommandError, STATUS } from "./error.js";
import type { Io } from "./io.js";

/**
 * A device as a relay knows it.
 *
 * @param text a devpath, a path below `/sys`, a node or a link to one
 * @throws CommandError it is none of these
 */
export async function deviceOf(text: string, io: Io): Promise<string> {
  if (text.startsWith("/devices/")) return text;
  if (!text.startsWith("/")) throw noDevice(text, `Did you mean /dev/${text}? ${FORMS}`);
  const devpath = await io.deviceAt(text);
  if (devpath !== undefined) return devpath;
  if (text.startsWith("/dev/") || text.startsWith("/sys/")) return text; // it has gone, or is only in the container
  throw noDevice(text, FORMS);
}

const FORMS = "Give a devpath (/devices/…), a path below /sys, a node or a link to one (/dev/…).";

function noDevice(text: string, remedy: string): CommandError {
  return new CommandError(STATUS.words, `${text} names no device`, remedy);
}
