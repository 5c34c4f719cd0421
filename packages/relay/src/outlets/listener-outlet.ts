import type { Outlet } from "../outlet.js";
import type { View } from "../view.js";
import type { UdevDesk } from "../udev/desk.js";
import type { UdevForm } from "./form.js";
import { libudevZeroForm, udevForm } from "./form.js";
import { MsgpackOutlet } from "./msgpack-outlet.js";
import type { ListenerOptions } from "./socket-outlet.js";
import { SocketOutlet } from "./socket-outlet.js";
import type { UdevListenerOptions } from "./udev-socket-outlet.js";
import { UdevSocketOutlet } from "./udev-socket-outlet.js";

export interface ListenerParts extends ListenerOptions, Omit<UdevListenerOptions, keyof UdevForm> {
  readonly desk: UdevDesk;
}

/** Forms of udev, by what a name ends in. */
const UDEV_FORMS: readonly (readonly [suffix: string, form: (desk: UdevDesk) => UdevForm])[] = [
  [".udev.sock", udevForm],
  [".libudev-zero.sock", libudevZeroForm],
];

/** The outlet to a listener, in the form that its name asks for: the longest suffix wins. */
export function listenerOutlet(name: string, view: View, parts: ListenerParts): Outlet {
  if (name.endsWith(".msgpack.sock")) return new MsgpackOutlet(view, parts);
  const form = UDEV_FORMS.find(([suffix]) => name.endsWith(suffix))?.[1];
  if (!form) return new SocketOutlet(view, parts);
  parts.desk.open();
  return new UdevSocketOutlet(view, { ...parts, ...form(parts.desk) });
}
