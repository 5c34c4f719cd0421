import type { KnownDevice } from "./known-device.js";
import type { ToldDevice } from "./state.js";

/** A device as a receiver knows it. */
export interface Version {
  readonly number: number;
  device: ToldDevice;
}

/** What is said of a device now, under this path and name. */
export function versionOf(
  number: number,
  { incarnation, subsystem, state, unsure }: KnownDevice,
  devpath: string,
  name: string | undefined,
): Version {
  const said = { ...(name !== undefined && { name }), ...(unsure && { unsure }) };
  return { number, device: { devpath, incarnation, subsystem, state, ...said } };
}

/** It is what would be said now. */
export function isCurrent({ device: told }: Version, device: KnownDevice, devpath: string, name?: string): boolean {
  const isSame = told.incarnation === device.incarnation && (told.unsure ?? false) === device.unsure;
  return isSame && told.state === device.state && told.devpath === devpath && told.name === name;
}
