import type { KernelUevent } from "@uevent-bridge/uevent";

const OF_THE_EVENT = ["SYNTH_", "DEVPATH_OLD="];

/** True if somebody wrote the action into the device's `uevent` file: nothing happened to the device. */
export function isSynthetic(event: KernelUevent): boolean {
  return event.get("SYNTH_UUID") !== undefined;
}

/** Without the pairs that are of the event alone: those of a writer to a `uevent` file, and of a move. They are in front of the device's own. */
export function ownState(state: string): string {
  let start = 0;
  while (OF_THE_EVENT.some((key) => state.startsWith(key, start))) start = state.indexOf("\0", start) + 1;
  return start === 0 ? state : state.slice(start);
}

/** True if an event does not say the properties that the device has, with or without some of its own in front of them: they have changed since. */
export function isOlder(said: string, state: string): boolean {
  return !`\0${said}`.endsWith(`\0${state}`);
}
