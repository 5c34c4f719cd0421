import type { Outcome } from "../sender.js";
import type { Injector, Reader, UeventGroup } from "../target.js";
import { toBytes } from "./bytes.js";
import type { FakeNetns } from "./netns.js";
import { FakePeer } from "./peer.js";
import type { World } from "./world.js";

const HEADER = 16; // bytes of struct nlmsghdr
const LONGEST_MULTICAST = 32 * 1024 - 32; // bytes: the send buffer, less the kernel's own
const PORT = 4242; // whoever says something to a group is not the kernel
const LONGEST = 2048; // bytes: header, payload and the SEQNUM that the kernel appends

/** The way into a netns: to the kernel's group the kernel says the payload, with a SEQNUM behind it. */
export class FakeInjector extends FakePeer implements Injector {
  readonly #world: World;
  readonly #netns: FakeNetns;
  readonly #group: UeventGroup;
  readonly #uid: number;

  /** @param uid the host id that it says it is */
  constructor(world: World, netns: FakeNetns, group: UeventGroup, uid: number) {
    super(world);
    this.#uid = uid;
    this.#world = world;
    this.#netns = netns;
    this.#group = group;
  }

  protected get writable(): boolean {
    return true; // the kernel takes it at once; a reader that is full loses it
  }

  deliver(payload: Uint8Array): Outcome {
    return this.#group === "kernel" ? this.#inject(payload) : this.#multicast(payload);
  }

  readers(): readonly Reader[] {
    const programs = [...this.#netns.listeners(this.#group)].filter((socket) => !this.#world.sources.has(socket));
    return programs.map(({ inode, rmem, drops }) => ({ inode, rmem, drops }));
  }

  #inject(payload: Uint8Array): Outcome {
    const suffix = toBytes(`SEQNUM=${this.#world.seqnum + 1}\0`);
    if (HEADER + payload.length + suffix.length > LONGEST) return "too-long";
    this.#world.nextSeqnum();
    const bytes = new Uint8Array([...payload, ...suffix]);
    this.#netns.say("kernel", { bytes, portId: 0, groups: 1, pid: process.pid, uid: this.#uid });
    return "sent";
  }

  #multicast(bytes: Uint8Array): Outcome {
    if (bytes.length > LONGEST_MULTICAST) return "too-long";
    const groups = this.#group === "udev" ? 2 : 4;
    this.#netns.say(this.#group, { bytes, portId: PORT, groups, pid: process.pid, uid: this.#uid });
    return "sent";
  }
}
