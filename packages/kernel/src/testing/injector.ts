import type { Outcome } from "../sender.js";
import type { Injector, Reader } from "../target.js";
import { toBytes } from "./bytes.js";
import type { FakeNetns } from "./netns.js";
import { FakePeer } from "./peer.js";
import type { World } from "./world.js";

const HEADER = 16; // bytes of struct nlmsghdr
const LONGEST = 2048; // bytes: header, payload and the SEQNUM that the kernel appends

/** The way into a netns: the kernel appends a SEQNUM and says the payload to the readers of the kernel group. */
export class FakeInjector extends FakePeer implements Injector {
  readonly #world: World;
  readonly #netns: FakeNetns;

  constructor(world: World, netns: FakeNetns) {
    super(world.turns);
    this.#world = world;
    this.#netns = netns;
  }

  protected get writable(): boolean {
    return true; // the kernel takes it at once; a reader that is full loses it
  }

  deliver(payload: Uint8Array): Outcome {
    const suffix = toBytes(`SEQNUM=${this.#world.seqnum + 1}\0`);
    if (HEADER + payload.length + suffix.length > LONGEST) return "too-long";
    this.#world.nextSeqnum();
    const bytes = new Uint8Array([...payload, ...suffix]);
    this.#netns.say("kernel", { bytes, portId: 0, groups: 1, pid: process.pid, uid: this.#netns.owner.uid });
    return "sent";
  }

  readers(): readonly Reader[] {
    const programs = [...this.#netns.listeners("kernel")].filter((socket) => !this.#world.sources.has(socket));
    return programs.map(({ inode, rmem, drops }) => ({ inode, rmem, drops }));
  }
}
