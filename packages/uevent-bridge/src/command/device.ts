import type { Meant } from "../control/protocol.js";
import { CommandError, STATUS } from "./error.js";
import { sentence } from "./failure.js";
import type { Io } from "./io.js";

/**
 * A device as a relay knows it.
 *
 * @param text a devpath, a path below `/sys`, a node or a link to one
 * @throws CommandError it is none of these
 */
export async function deviceOf(text: string, io: Io): Promise<string> {
  if (text.startsWith("/devices/")) return text.replace(/\/+$/, ""); // as a shell completes it
  if (!text.startsWith("/")) throw noDevice(text, `${await nodeCalled(text, io)}${FORMS}`);
  const devpath = await io.deviceAt(text);
  if (devpath !== undefined) return devpath;
  if (text.startsWith("/dev/") || text.startsWith("/sys/")) return text; // it has gone, or is only in the container
  throw noDevice(text, FORMS);
}

async function nodeCalled(name: string, io: Io): Promise<string> {
  const isNode = (await io.deviceAt(`/dev/${name}`)) !== undefined;
  return isNode ? `Did you mean /dev/${name}? ` : "";
}

/** The same, where the container may have another one that it calls so. @throws CommandError */
export async function meantBy(text: string, io: Io): Promise<Meant> {
  const device = await deviceOf(text, io);
  return text.startsWith("/dev/") ? { device, name: text } : { device };
}

/** Says that a container calls another device so than the host. @param command with its name */
export async function sayWhich({ device, name }: Meant, devpath: string, command: string, io: Io): Promise<void> {
  if (name === undefined || device === devpath || device === name) return;
  const which = `${name} is ${devpath} in the container; on the host it is ${device}`;
  await io.stderr.write(sentence(which, `For that one: uevent-bridge ${command} ${device}`));
}

const FORMS = "Give a devpath (/devices/…), a path below /sys, a node or a link to one (/dev/…).";

function noDevice(text: string, remedy: string): CommandError {
  return new CommandError(STATUS.words, `${text} names no device`, remedy);
}
