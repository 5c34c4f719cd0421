/** An event with its properties, as a program showed it. */
export interface Event {
  readonly action: string;
  readonly devpath: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** What udev knows of each device, by devpath. */
export type Database = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What two programs heard in a container. */
export interface Heard {
  readonly udevadm: readonly Event[];
  readonly pyudev: readonly Event[];
}

/** What guest/plug.ts saw. */
export interface PlugReport {
  /** While devices were plugged in. */
  readonly plugging: Heard;
  /** When all were. */
  readonly plugged: {
    readonly host: Database;
    readonly box: Database;
    /** Devices with a node that pyudev found initialized in the container. */
    readonly enumerated: readonly string[];
    /** What `libinput list-devices` showed in the container. */
    readonly libinput: string;
  };
  /** While they were pulled out. */
  readonly unplugging: Heard;
  /** What `libinput debug-events` showed in the container, line by line. */
  readonly debugEvents: readonly string[];
  /** What the host's udevd knew still when all were pulled out. */
  readonly left: Database;
}

/** What guest/xorg.ts saw. */
export interface XorgReport {
  /** The log of Xorg in one container. */
  readonly log: string;
  /** What `xinput test-xi2` showed there, line by line, until the second keyboard was plugged in, and from then on. */
  readonly first: readonly string[];
  readonly second: readonly string[];
  /** What `libinput debug-events` showed in the other container, line by line. */
  readonly other: readonly string[];
}
