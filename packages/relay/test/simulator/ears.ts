import type { FakeContainer } from "@uevent-bridge/kernel/testing";
import type { Container } from "@uevent-bridge/relay";

import { ITSELF, ofUdev } from "../forms.js";
import type { Trace } from "./ear.js";
import { Ear } from "./ear.js";

/** Bytes of a buffer that never overruns, */
const ENOUGH = 1_000_000;
/** and of one that does. */
const SMALL = 6000;

/** Programs that read a container's netlink. */
export function readersOf(container: FakeContainer, loses: boolean, trace: Trace): Ear[] {
  const small = loses ? SMALL : ENOUGH;
  const ear = (name: string, receiveBuffer: number, group: "kernel" | "udev"): Ear => {
    const from = container.reader({ receiveBuffer, group });
    return new Ear({ name, from, numbered: group === "udev", eventsIn: group === "udev" ? ofUdev : ITSELF }, trace);
  };
  return [
    ear("kernel", ENOUGH, "kernel"),
    ear("udev", ENOUGH, "udev"),
    ear("kernel, small", small, "kernel"),
    ear("udev, small", small, "udev"),
  ];
}

/** The program that opened the relay, and hears in its own process what the container is told from now on. */
export async function ownEar(box: Container, trace: Trace): Promise<Ear> {
  const heard: Uint8Array[] = [];
  box.on("forwarded", ({ bytes }) => void heard.push(bytes));
  const own = new Ear({ name: "own", from: { read: () => heard.shift() }, numbered: true, eventsIn: ITSELF }, trace);
  own.knows(await box.devices());
  return own;
}
