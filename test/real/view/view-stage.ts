import { basename, join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import type { Container, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";

import { devpathOf } from "../loops.js";
import { Stack } from "../stack.js";
import type { Engine } from "./engines.js";
import { compilePrograms, Opener, waysOf } from "./opener.js";
import type { Opened } from "./opener.js";
import { OwnCgroup } from "./own-cgroup.js";
import { Plugger } from "./plugger.js";
import { programsDirectory } from "./programs.js";

const PROGRAMS = "/programs"; // inside
const EVENTS = "/events";
const LOOP_MAJOR = 7;
/** Numbers of loop devices that no other test takes. */
const [LOWEST, COUNT] = [200_000, 800_000];

/** Which of its disks a container may open, by the numbers that the kernel gives to disks: each has those from its first one on. */
interface Owner {
  readonly first: number;
  readonly isLetIn: boolean;
}

/** What the relay told; it has done before what it tells. */
interface Told {
  readonly action: string;
  readonly name: string;
  readonly at: number;
}

/** What the program inside saw of a device that came and went. */
export interface Seen {
  /** `let in` if it could open, write and read it and it was the one that is, or why it could not. */
  readonly added: string;
  /** What each way to open it said when it was told that it went. */
  readonly removed: ReadonlyMap<string, string>;
}

/** A container that an engine starts, with a program in it that opens what it can, and disks on the host. */
export class ViewStage implements AsyncDisposable {
  readonly relay: Relay;
  readonly box: Container;
  readonly opener: Opener;
  readonly plugger: Plugger;
  /** Of loop devices: a rule lets it in, none does, and what is granted only. */
  readonly numbers: { readonly mine: number; readonly hidden: number; readonly granted: number };
  readonly #stack: Stack;
  readonly #owners: Owner[] = [];
  readonly #told: Told[] = [];

  private constructor(parts: Pick<ViewStage, "relay" | "box" | "opener" | "plugger" | "numbers">, stack: Stack) {
    this.relay = parts.relay;
    this.box = parts.box;
    this.opener = parts.opener;
    this.plugger = parts.plugger;
    this.numbers = parts.numbers;
    this.#stack = stack;
    this.box.on("forwarded", ({ action, devpath }) => {
      this.#told.push({ action, name: basename(devpath), at: monotonic() });
    });
  }

  /** With a user namespace it hears by its netlink, without by a socket, as the kernel itself speaks to it by netlink. */
  static async start(engine: Engine, isUser: boolean): Promise<ViewStage> {
    const stack = new Stack();
    try {
      const { directory, programs } = programsDirectory(stack);
      compilePrograms(programs);
      const cgroup = stack.use(new OwnCgroup());
      const plugger = stack.use(new Plugger(join(programs, "plugger")));
      const base = LOWEST + Math.floor(Math.random() * COUNT);
      const numbers = { mine: base, hidden: base + 1, granted: base + 2 };
      const owners = [
        { first: await plugger.disk(numbers.mine), isLetIn: true },
        { first: await plugger.disk(numbers.hidden), isLetIn: false },
        { first: await plugger.disk(numbers.granted), isLetIn: false },
      ];
      const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir: join(directory, "runtime") }));
      const wish = { name: "box", allow: [devpathOf(numbers.mine)], dev: "auto", cgroup: "auto" } as const;
      const binds = [{ source: programs, destination: PROGRAMS }];
      const start = async (where: string): Promise<[Opener, number]> => {
        const command = [`${PROGRAMS}/opener`, where];
        const opener = new Opener(await engine.start({ directory, command, binds, isUser, cgroup }));
        stack.use({ [Symbol.asyncDispose]: () => opener.end() });
        return [opener, await opener.ready()];
      };
      const stage = (box: Container, opener: Opener) => {
        for (const number of Object.values(numbers)) opener.watch(`loop${number}`, LOOP_MAJOR, number);
        const made = new ViewStage({ relay, box, opener, plugger, numbers }, stack);
        made.#owners.push(...owners);
        return made;
      };
      if (isUser) {
        const [opener, pid] = await start("netlink");
        const deliver = { netlink: "both" } as const;
        return stage(await relay.attach({ ...wish, pid, deliver }), opener);
      }
      const box = await relay.attach({ ...wish, deliver: { socket: true } });
      binds.push({ source: eventsOf(box), destination: EVENTS });
      const [opener, pid] = await start(`${EVENTS}/opener.sock`);
      await box.join({ pid });
      return stage(box, opener);
    } catch (error) {
      await stack[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A partition of a disk that a rule lets in comes, and it goes and its number is another disk's as soon as the kernel lets it. */
  async plugPartition(): Promise<Seen> {
    const { mine, hidden } = this.numbers;
    const name = `loop${mine}p1`;
    await this.plugger.plug(mine);
    const added = await this.opener.next(`add ${name}`);
    await this.plugger.steal(mine, hidden);
    const removed = await this.opener.next(`remove ${name}`);
    await this.plugger.unplug(hidden);
    return this.#seen(added, removed);
  }

  /** A disk is granted, and it goes and one of its name and number that is not takes its place at once. */
  async plugDisk(): Promise<Seen> {
    const { granted } = this.numbers;
    const name = `loop${granted}`;
    await this.#renew(granted, true);
    await this.relay.settle();
    await this.box.grant(devpathOf(granted));
    const added = await this.opener.next(`add ${name}`);
    await this.#renew(granted, false);
    return this.#seen(added, await this.opener.next(`remove ${name}`));
  }

  /**
   * What was opened inside that may not be, by calls that began when it had been told that the device of that name went. One that began
   * before may find another device: the kernel has given the number away before the relay has read that its device went.
   */
  get wrong(): readonly Opened[] {
    return this.opener.opened.filter((opened) => !this.#isLetIn(opened.diskseq) && !this.#isTold(opened));
  }

  #isTold({ name, at }: Opened): boolean {
    const last = this.#told.findLast((each) => each.name === name && each.at <= at);
    return last !== undefined && last.action !== "remove";
  }

  async #renew(number: number, isLetIn: boolean): Promise<void> {
    this.#owners.push({ first: await this.plugger.renew(number), isLetIn });
  }

  #seen(added: string, removed: string): Seen {
    return { added: this.#isLetIn(Number(added)) ? "let in" : added, removed: waysOf(removed) };
  }

  /** The kernel counts on: a number is of the disk that was made last before it. */
  #isLetIn(diskseq: number): boolean {
    return this.#owners.findLast(({ first }) => first <= diskseq)?.isLetIn ?? false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

function eventsOf({ mounts }: Container): string {
  return mounts.find(({ destination }) => destination === "/run/uevent")?.source ?? "";
}

/** Milliseconds of CLOCK_MONOTONIC. */
function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
