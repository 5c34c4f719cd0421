import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { Container, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { onTestFinished } from "vitest";

import { LOOP0, LOOP1, disk } from "./scene.js";

export const PART = `${LOOP0}/loop0p1`;
export const EXCLUSIVE = `${LOOP0},exclusive`;
export const isBlock = "subsystem=block";

/** A machine with two disks, and a directory that its relays share. */
export function begin(kernel = new FakeKernel()) {
  const stateDir = join(mkdtempSync(join(tmpdir(), "claims-")), "state");
  onTestFinished(() => rmSync(join(stateDir, ".."), { recursive: true }));
  kernel.plug(LOOP0, disk(0));
  kernel.plug(LOOP1, disk(1));
  const relays: Relay[] = [];
  onTestFinished(async () => {
    for (const relay of relays) await relay.close();
  });
  const open = async (): Promise<Relay> => {
    const relay = await openRelay({ kernel, runtimeDir: `/run/relay${relays.length}`, stateDir });
    relays.push(relay);
    return relay;
  };
  return { kernel, stateDir, open, files: () => readdirSync(stateDir).filter((name) => !name.startsWith(".")) };
}

export async function told(box: Container): Promise<string[]> {
  return (await box.devices()).map(({ devpath }) => devpath);
}

export const attach = (relay: Relay, name: string, ...allow: string[]): Promise<Container> =>
  relay.attach({ name, allow });

export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
