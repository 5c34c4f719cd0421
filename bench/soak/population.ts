import { rmSync } from "node:fs";
import { join } from "node:path";

import type { Source } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { openReceiver } from "@uevent-bridge/linux/testing";

import { openNamespace } from "../harness/namespace.js";
import type { Namespace } from "../harness/namespace.js";
import type { SoakRelay } from "./relay.js";

const CONTAINERS = 6;

interface Member {
  readonly name: string;
  readonly namespace: Namespace;
  readonly directory: string;
  /** A program that reads the container's netlink. */
  readonly reader: Source;
  listener: Source;
}

/** Containers that come and go, always as many, each with somebody who listens to its socket and to its netlink. */
export class Population implements AsyncDisposable {
  readonly #relay: SoakRelay;
  readonly #devpaths: readonly string[];
  readonly #members: Member[] = [];
  #names = 0;
  /** Datagrams that all heard. */
  heard = 0;

  constructor(relay: SoakRelay, devpaths: readonly string[]) {
    this.#relay = relay;
    this.#devpaths = devpaths;
  }

  /** Has as many as there are to be. */
  async fill(): Promise<void> {
    while (this.#members.length < CONTAINERS) await this.#come();
  }

  /** One container goes, by turns detached or ended, and a listener of another one is exchanged. */
  async change(turn: number): Promise<void> {
    const [gone] = this.#members.splice(turn % CONTAINERS, 1);
    if (gone) await this.#go(gone, turn % 2 === 0);
    const [member] = this.#members;
    if (member) this.#exchange(member, turn);
    await this.fill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.#members.splice(0)) await this.#go(member, true);
  }

  async #come(): Promise<void> {
    const name = `soak${this.#names++}`;
    const namespace = await openNamespace();
    const allow = this.#devpaths.filter((_, i) => i % CONTAINERS !== this.#names % CONTAINERS);
    const directory = await this.#relay.ask({ what: "attach", name, pid: namespace.pid, allow });
    const member = {
      name,
      namespace,
      directory,
      listener: this.#listen(join(directory, "a.sock")),
      reader: read(namespace.pid),
    };
    this.#members.push(member);
  }

  async #go({ name, namespace, listener, reader }: Member, isDetached: boolean): Promise<void> {
    for (const source of [listener, reader]) source.close();
    if (isDetached) await this.#relay.ask({ what: "detach", name });
    await namespace[Symbol.asyncDispose]();
  }

  /** Its file stays, or not. */
  #exchange(member: Member, turn: number): void {
    member.listener.close();
    const [path, next] = ["a.sock", "b.sock"].map((name) => join(member.directory, name)) as [string, string];
    for (const each of turn % 2 === 0 ? [path, next] : [next]) rmSync(each, { force: true });
    if (turn % 2 === 0) member.listener = this.#listen(path);
    else member.listener = this.#listen(next);
  }

  #listen(path: string): Source {
    const source = openReceiver(path, ({ count }) => (this.heard += count));
    source.resume();
    return source;
  }
}

function read(pid: number): Source {
  const target = openLinux({ receiveBuffer: 212_992 }).openTarget({ pid });
  const source = target.openSource({ group: "kernel", onBatch: () => {} });
  target.close();
  source.resume();
  return source;
}
