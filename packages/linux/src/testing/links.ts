import { loadAddon } from "../addon.js";
import { systemError } from "../errno.js";

/** Makes a pair of network devices in the caller's network namespace. @throws Error with the system's reason */
export function createVeth(name: string, peer: string): void {
  check(`creating ${name}`, loadAddon().createVeth(name, peer));
}

/** Gives a network device another name: a `move` event. @throws Error with the system's reason */
export function renameLink(name: string, newName: string): void {
  check(`renaming ${name}`, loadAddon().renameLink(name, newName));
}

/** Removes a network device; of a pair, both. @throws Error with the system's reason */
export function deleteLink(name: string): void {
  check(`removing ${name}`, loadAddon().deleteLink(name));
}

function check(call: string, result: number): void {
  if (result < 0) throw systemError(call, result);
}
