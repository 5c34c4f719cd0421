interface Kept<T> {
  readonly order: number;
  readonly item: T;
}

/** Events in order, and how many readings of attributes they wait for. */
interface Line<T> {
  readonly devpaths: Set<string>;
  kept: Kept<T>[];
  readings: number;
}

/** Events that wait no more, in order, and the paths that were held for them. */
export interface Released<T> {
  readonly devpaths: ReadonlySet<string>;
  readonly kept: readonly Kept<T>[];
}

const NOTHING: Released<never> = { devpaths: new Set(), kept: [] };

/** Events of devices of which something is being read, and of all below them. Nobody else waits. */
export class Waiting<T> {
  readonly #lines = new Map<string, Line<T>>();
  /** How many held paths are below each path. */
  readonly #below = new Map<string, number>();
  readonly #limit: number;
  #kept = 0;
  #order = 0;

  /** @param limit paths and events that may wait in all */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  get isFull(): boolean {
    return this.#lines.size + this.#kept >= this.#limit;
  }

  /** From now on events at and below these paths are kept, until the first of them is released. */
  hold(...devpaths: readonly string[]): void {
    this.#add({ devpaths: new Set(), kept: [], readings: 1 }, devpaths);
  }

  /**
   * True if an event of this path must be kept. `around`: the path that it takes away, with all below it: then it must not overtake
   * what is held there, nor below its own.
   */
  holds(devpath: string, around?: string): boolean {
    if (this.isEmpty) return false;
    if (this.#lineOf(devpath) !== undefined) return true;
    return around !== undefined && [devpath, around].some((each) => this.#lineOf(each) ?? this.#below.has(each));
  }

  /** Keeps an event that must be; false if there is no room for it. */
  keep(item: T, devpath: string, around?: string): boolean {
    if (this.isFull) return false;
    const line = around === undefined ? this.#lineOf(devpath) : this.#join(devpath, around);
    line?.kept.push({ order: this.#order++, item });
    this.#kept++;
    return true;
  }

  /** What was to be read for this path has been: what waits for nothing more. */
  release(devpath: string): Released<T> {
    const line = this.#lines.get(devpath);
    if (!line || --line.readings > 0) return NOTHING;
    for (const each of line.devpaths) this.#remove(each);
    this.#kept -= line.kept.length;
    return line;
  }

  /**
   * Has the released events wait again from the one with this number on, with all their paths, since the one before it made this path
   * be held. At once: each of them may do so, and there may be very many.
   */
  holdAgain(devpath: string, { devpaths, kept }: Released<T>, from: number): void {
    const line = this.#lines.get(devpath);
    if (!line) return;
    this.#add(
      line,
      [...devpaths].filter((each) => !this.#lines.has(each)),
    );
    const rest = kept.slice(from);
    line.kept = [...rest, ...line.kept];
    this.#kept += rest.length;
  }

  #add(line: Line<T>, devpaths: Iterable<string>): void {
    for (const devpath of devpaths) {
      line.devpaths.add(devpath);
      if (!this.#lines.has(devpath)) for (const above of pathsAbove(devpath)) this.#count(above, 1);
      this.#lines.set(devpath, line);
    }
  }

  #remove(devpath: string): void {
    this.#lines.delete(devpath);
    for (const above of pathsAbove(devpath)) this.#count(above, -1);
  }

  #count(devpath: string, more: number): void {
    const count = (this.#below.get(devpath) ?? 0) + more;
    if (count > 0) this.#below.set(devpath, count);
    else this.#below.delete(devpath);
  }

  /** What takes a path away comes behind all that is kept around it: that becomes one line. */
  #join(...devpaths: readonly [string, string]): Line<T> | undefined {
    const [line, ...others] = this.#linesAround(devpaths);
    if (!line) return undefined;
    for (const other of others) {
      this.#add(line, other.devpaths);
      line.kept.push(...other.kept);
      line.readings += other.readings;
    }
    if (others.length > 0) line.kept.sort((a, b) => a.order - b.order);
    this.#add(
      line,
      devpaths.filter((each) => !this.#lines.has(each)),
    );
    return line;
  }

  #linesAround(devpaths: readonly string[]): readonly Line<T>[] {
    const lines = new Set<Line<T>>();
    for (const [at, line] of this.#lines) if (devpaths.some((each) => isInLine(at, each))) lines.add(line);
    return [...lines];
  }

  #lineOf(devpath: string): Line<T> | undefined {
    const here = this.#lines.get(devpath);
    if (here) return here;
    for (const above of pathsAbove(devpath)) {
      const line = this.#lines.get(above);
      if (line) return line;
    }
    return undefined;
  }
}

function* pathsAbove(devpath: string): Generator<string> {
  for (let end = devpath.lastIndexOf("/"); end > 0; end = devpath.lastIndexOf("/", end - 1))
    yield devpath.slice(0, end);
}

/** True if one of the paths is the other, or leads to it. */
function isInLine(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
