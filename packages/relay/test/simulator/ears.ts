import type { FakeContainer } from "@uevent-bridge/kernel/testing";
import type { Container } from "@uevent-bridge/relay";

import { ITSELF, ofUdev } from "../forms.js";
import { Ear, Trace } from "./ear.js";

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

/** The program that opened the relay, and hears in its own process what the container is told from now on. Each begins anew. */
export async function ownEar(box: Container): Promise<Ear> {
  const heard: Uint8Array[] = [];
  box.on("forwarded", ({ bytes }) => void heard.push(bytes));
  const from = { read: () => heard.shift() };
  const own = new Ear({ name: "own", from, numbered: true, eventsIn: ITSELF }, new Trace());
  own.knows(await box.devices());
  return own;
}
