import type { KnownDevice } from "./known-device.js";
import type { ToldDevice } from "./state.js";

/** A device as a receiver knows it. */
export interface Version {
  readonly number: number;
  device: ToldDevice;
}

/** How a device is said. */
export interface SaidAs {
  readonly devpath: string;
  /** In the container, if it is not the kernel's. */
  readonly name: string | undefined;
  /** Its properties were said otherwise than they are known, or not at all. */
  readonly isDoubted: boolean;
}

/** What is said of a device now. */
export function versionOf(number: number, device: KnownDevice, { devpath, name, isDoubted }: SaidAs): Version {
  const { incarnation, subsystem, state, unsure } = device;
  const flags = { ...(unsure && { unsure }), ...(isDoubted && { doubted: true as const }) };
  return { number, device: { devpath, incarnation, subsystem, state, ...(name !== undefined && { name }), ...flags } };
}

/** It is what would be said now. */
export function isCurrent({ device: told }: Version, device: KnownDevice, said: SaidAs): boolean {
  const isSame = told.incarnation === device.incarnation && (told.unsure ?? false) === device.unsure;
  const isSaid = told.devpath === said.devpath && told.name === said.name && (told.doubted ?? false) === said.isDoubted;
  return isSame && isSaid && told.state === device.state;
}

/** The same as it was told, of which it is known by now which incarnation it is, or that it is surely that one. */
export function identified(told: ToldDevice, { incarnation, unsure }: KnownDevice): ToldDevice {
  const known = { ...told, incarnation };
  if (!unsure) delete known.unsure;
  return known;
}
