import type { FakeListener } from "@uevent-bridge/kernel/testing";
import type { AttachOptions, Container, Limits, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { expect, vi } from "vitest";

import { LOOP0, LOOP1, disk, headers, seqnums } from "./scene.js";
import { begin } from "./state-stage.js";

export const LOOP2 = "/devices/virtual/block/loop2";
export const LOOP3 = "/devices/virtual/block/loop3";
const DISKS = [LOOP0, LOOP1, LOOP2, LOOP3];

/** A machine on which somebody keeps the source of a relay that ends, and a container with a listener. */
export class Stage {
  readonly kernel = begin().kernel;
  readonly listener: FakeListener;
  /** All that the kernel said of what the container may see. */
  readonly said: string[] = [];
  readonly heard: Uint8Array[] = [];
  readonly #there = new Set<string>([LOOP0, LOOP1]);
  readonly #stateDir = "/run/state";
  #relay: Relay | undefined;

  constructor(queue = 1000) {
    this.kernel.keepSource();
    this.listener = this.kernel.directory("/run/bridge/box").bind("a.sock", { queue });
  }

  async open(options: Partial<AttachOptions> = {}, limits: Partial<Limits> = {}): Promise<Container> {
    this.#relay = await openRelay({ kernel: this.kernel, runtimeDir: "/run/bridge", stateDir: this.#stateDir, limits });
    const deliver = { socket: true };
    const wish = { name: "box", allow: ["subsystem=block"], deny: [LOOP3], deliver, ...options } as AttachOptions;
    return this.#relay.attach(wish);
  }

  /** What the relay takes for what exists. */
  async there(): Promise<string[]> {
    return ((await this.#relay?.devices()) ?? []).map(({ devpath }) => devpath);
  }

  async rest(): Promise<void> {
    await this.kernel.idle();
    await this.#relay?.settle();
    await this.kernel.idle();
    if (this.heard.length === 0) await vi.waitUntil(() => this.listener.waiting > 0, { timeout: 10_000 }); // it is found when there is time
    this.hear();
  }

  /** All has been heard, and nobody reads. */
  async settled(): Promise<void> {
    await this.kernel.idle();
    await this.#relay?.settle();
    await this.kernel.idle();
  }

  hear(): void {
    this.heard.push(...this.listener.readAll());
  }

  kill(): void {
    this.kernel.kill();
    this.hear();
  }

  close(): Promise<void> | undefined {
    return this.#relay?.close();
  }

  plug(devpath: string): void {
    this.kernel.plug(devpath, disk(DISKS.indexOf(devpath)));
    this.#there.add(devpath);
    this.#say("add", devpath);
  }

  unplug(devpath: string): void {
    this.kernel.unplug(devpath);
    this.#there.delete(devpath);
    this.#say("remove", devpath);
  }

  change(devpath: string, properties: Readonly<Record<string, string>> = {}): void {
    this.kernel.change(devpath, { properties });
    this.#say("change", devpath);
  }

  step(random: () => number): void {
    const devpath = DISKS[Math.floor(random() * DISKS.length)] ?? LOOP0;
    if (!this.#there.has(devpath)) return this.plug(devpath);
    if (random() < 0.4) this.change(devpath, random() < 0.5 ? { DISKSEQ: `${Math.floor(random() * 1000)}` } : {});
    else this.unplug(devpath);
  }

  #say(action: string, devpath: string): void {
    if (devpath !== LOOP3) this.said.push(`${action}@${devpath}`);
  }

  expectAllOnce(): void {
    expect(headers(this.heard)).toEqual([`add@${LOOP0}`, `add@${LOOP1}`, ...this.said]);
    expect(seqnums(this.heard)).toEqual(this.heard.map((_, i) => i + 1));
  }
}
