/** Events in order, and how many readings of attributes they wait for. */
interface Line {
  readonly devpaths: Set<string>;
  readonly kept: Uint8Array[];
  readings: number;
}

/** Events of devices whose attributes are being read, and of all below them. Nobody else waits. */
export class Waiting {
  readonly #lines = new Map<string, Line>();
  readonly #limit: number;
  #kept = 0;

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
    const line: Line = { devpaths: new Set(), kept: [], readings: 1 };
    this.#add(line, devpaths);
  }

  /** True if an event of this path must be kept; a `move` also for what is held around the path that it comes from. */
  holds(devpath: string, from?: string): boolean {
    if (this.isEmpty) return false;
    return from === undefined ? this.#lineOf(devpath) !== undefined : this.#linesAround(devpath, from).length > 0;
  }

  /** Keeps an event that must be; false if there is no room for it. */
  keep(bytes: Uint8Array, devpath: string, from?: string): boolean {
    if (this.isFull) return false;
    const line = from === undefined ? this.#lineOf(devpath) : this.#join(devpath, from);
    line?.kept.push(bytes);
    this.#kept++;
    return true;
  }

  /** What was to be read for this path has been: the events that wait for nothing more, in order. */
  release(devpath: string): readonly Uint8Array[] {
    const line = this.#lines.get(devpath);
    if (!line || --line.readings > 0) return [];
    for (const each of line.devpaths) this.#lines.delete(each);
    this.#kept -= line.kept.length;
    return line.kept;
  }

  #add(line: Line, devpaths: Iterable<string>): void {
    for (const devpath of devpaths) {
      line.devpaths.add(devpath);
      this.#lines.set(devpath, line);
    }
  }

  /** A `move` comes behind all that is kept at either of its ends: they become one line. */
  #join(devpath: string, from: string): Line | undefined {
    const [line, ...others] = this.#linesAround(devpath, from);
    if (!line) return undefined;
    for (const other of others) {
      this.#add(line, other.devpaths);
      line.kept.push(...other.kept);
      line.readings += other.readings;
    }
    this.#add(
      line,
      [devpath, from].filter((each) => !this.#lines.has(each)),
    );
    return line;
  }

  #linesAround(...devpaths: readonly string[]): Line[] {
    const held = [...this.#lines].filter(([at]) => devpaths.some((each) => isInLine(at, each)));
    return [...new Set(held.map(([, line]) => line))];
  }

  #lineOf(devpath: string): Line | undefined {
    for (let end = devpath.length; end > 0; end = devpath.lastIndexOf("/", end - 1)) {
      const line = this.#lines.get(devpath.slice(0, end));
      if (line) return line;
    }
    return undefined;
  }
}

/** True if one of the paths is the other, or leads to it. */
function isInLine(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
