import { randomBytes } from "node:crypto";

/** The form that a socket asks for, by its suffix. */
export type Suffix = ".sock" | ".msgpack.sock";

/** Longest name that we make, in bytes: a pid has at most 7 digits. */
export const NAME_LIMIT = "1234567-0123456789ab.msgpack.sock".length;

const OURS = /^\d{1,10}-[0-9a-f]{12}(\.msgpack|\.udev|\.libudev-zero)?\.sock$/;
const HIDDEN = /^\.\d{1,10}-[0-9a-f]{12}\.new$/;

/** A name that nobody had before: the pid is for people, the random part makes it unique, also across pid namespaces. */
export function newName(suffix: Suffix): string {
  return `${process.pid}-${randomBytes(6).toString("hex")}${suffix}`;
}

/** The name under which a socket is bound before it is complete: no listener's name. */
export function hidden(name: string): string {
  return `.${name.replace(/\..*/, "")}.new`;
}

/** True for names that `newName` makes, and for those of the library that is loaded before programs of netlink. */
export function isOurs(name: string): boolean {
  return OURS.test(name);
}

/** True for names that `hidden` makes, and the library too: it keeps one as long as its program listens to no group. */
export function isHidden(name: string): boolean {
  return HIDDEN.test(name);
}
