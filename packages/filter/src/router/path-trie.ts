import type { PathPattern, Segment } from "../path.js";
import { PatternIndex } from "./pattern-index.js";

/** Items under path patterns, found by a devpath segment by segment. */
export class PathTrie<T> {
  readonly #root = new Node<T>(false);
  #steps = 0;

  /** How many items stand under this very pattern. */
  crowd({ segments }: PathPattern): number {
    let node: Node<T> | undefined = this.#root;
    for (const segment of segments) node = node?.below(segment);
    return node?.items.size ?? 0;
  }

  add({ segments }: PathPattern, item: T): void {
    let node = this.#root;
    for (const segment of segments) node = node.below(segment) ?? node.grow(segment);
    node.items.add(item);
  }

  delete({ segments }: PathPattern, item: T): void {
    const nodes = [this.#root];
    for (const segment of segments) {
      const below = nodes.at(-1)?.below(segment);
      if (below === undefined) return;
      nodes.push(below);
    }
    nodes.at(-1)?.items.delete(item);
    for (let depth = segments.length; depth > 0 && nodes[depth]?.isBare; depth--)
      nodes[depth - 1]?.prune(segments[depth - 1] as Segment); // depth <= length
  }

  /** Calls back with the items whose pattern matches the devpath or the path of an ancestor. */
  find(devpath: string, found: (items: Iterable<T>) => void): void {
    let active: readonly Node<T>[] = [this.#root];
    for (let start = 1; start <= devpath.length && active.length > 0;) {
      const slash = devpath.indexOf("/", start);
      const end = slash === -1 ? devpath.length : slash;
      active = this.#step(active, devpath.slice(start, end));
      for (const { items } of active) if (items.size > 0) found(items);
      start = end + 1;
    }
  }

  /** The nodes after one more segment, each once: else nested "**" would double them at every step. */
  #step(active: readonly Node<T>[], name: string): readonly Node<T>[] {
    const step = ++this.#steps;
    const next: Node<T>[] = [];
    const enter = (node: Node<T>): void => {
      if (node.entered === step) return;
      node.entered = step;
      next.push(node);
      if (node.any !== undefined) enter(node.any);
    };
    for (const node of active) {
      if (node.loops) enter(node);
      node.children.find(name, enter);
    }
    return next;
  }
}

class Node<T> {
  readonly items = new Set<T>();
  readonly children = new PatternIndex<Node<T>>();
  /** What stands behind `**`; it may match no segment at all. */
  any: Node<T> | undefined;
  /** True for a node behind `**`: it matches any further segment. */
  readonly loops: boolean;
  /** The step of a search that came here last. */
  entered = 0;

  constructor(loops: boolean) {
    this.loops = loops;
  }

  get isBare(): boolean {
    return this.items.size === 0 && this.any === undefined && this.children.isEmpty;
  }

  below(segment: Segment): Node<T> | undefined {
    return segment === "**" ? this.any : this.children.get(segment);
  }

  grow(segment: Segment): Node<T> {
    const node = new Node<T>(segment === "**");
    if (segment === "**") this.any = node;
    else this.children.set(segment, node);
    return node;
  }

  prune(segment: Segment): void {
    if (segment === "**") this.any = undefined;
    else this.children.delete(segment);
  }
}
