import type { Shadow } from "../shadow.js";
import type { Injector, Target, UeventGroup } from "../target.js";
import { FakeContainer } from "./container.js";
import { FakeInjector } from "./injector.js";
import type { Mortal, World } from "./world.js";

/** Holders by their paths. Each is a process of its own, which goes on when nobody has it open. */
export class FakeShadows {
  readonly #world: World;
  readonly #holders = new Map<string, FakeContainer>();

  constructor(world: World) {
    this.#world = world;
  }

  get(path: string): FakeContainer | undefined {
    const holder = this.#holders.get(path);
    return holder?.alive ? holder : undefined;
  }

  open(path: string, nextPid: () => number): Shadow {
    const holder = this.get(path) ?? new FakeContainer(this.#world, nextPid(), { uidBase: 0 });
    this.#holders.set(path, holder);
    return new FakeShadow(this.#world, path, holder);
  }
}

class FakeShadow implements Shadow, Mortal {
  readonly path: string;
  readonly pid: number;
  readonly root: Target["root"];
  readonly ended: Promise<void>;
  readonly #world: World;
  readonly #holder: FakeContainer;

  constructor(world: World, path: string, holder: FakeContainer) {
    this.#world = world;
    this.#holder = holder;
    this.path = path;
    this.pid = holder.pid;
    this.root = { uid: holder.user.uid, gid: holder.user.gid };
    this.ended = holder.ended;
    world.opened.add(this);
  }

  openInjector(group: UeventGroup, reader: Target["root"]): Injector {
    this.#world.faults.hit("openInjector");
    return new FakeInjector(this.#world, this.#holder.netns, group, reader.uid);
  }

  close(): void {
    this.kill();
  }

  kill(): void {
    this.#world.opened.delete(this);
  }
}
