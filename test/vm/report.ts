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
    /** What `lsusb` showed in the container, … */
    readonly lsusb: string;
    /** … and `ls /sys/class/input`. */
    readonly input: string;
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

/** The containers of guest/touch.ts. */
export type BoxName = "usb" | "port" | "subsystem";

export type Kind = "stick" | "keyboard" | "serial" | "disk";

/** What guest/watcher.py tried when it had heard of a device: `ok`, or the name of the error. */
export interface Tried {
  readonly action: "listens" | "add" | "remove";
  readonly devname?: string;
  /** Opening the node, when it came. */
  readonly opened?: string;
  /** Reading from it: how many bytes came. */
  readonly read?: number | string;
  /** Looking for the node, when it had gone. */
  readonly node?: string;
  /** Then, opening a node of its own making. */
  readonly own?: string;
  /** Then, opening one that the host had made. */
  readonly given?: string;
}

/** What happened to a device that was plugged in and pulled out. */
export interface Plugged {
  readonly id: string;
  readonly kind: Kind;
  readonly node: string;
  /** What guest/prober.py calls it. */
  readonly identity: string;
  readonly seenBy: readonly BoxName[];
  /** What programs showed that look into /sys, where that was looked at. */
  readonly shown?: AllShown;
  /** Links to its node, `name -> node`. */
  readonly links: { readonly host: readonly string[]; readonly boxes: Readonly<Record<BoxName, readonly string[]>> };
}

/** What programs in a container show of its devices. */
export interface Shown {
  /** Names. */
  readonly lsblk: readonly string[];
  /** `VENDOR:PRODUCT`. */
  readonly lsusb: readonly string[];
  /** Devices that `udevadm info --attribute-walk` shows from a disk upwards: last parts of their paths. */
  readonly walk: readonly string[];
}

/** By those containers that have a /sys of the relay's. */
export type AllShown = Readonly<Partial<Record<BoxName, Shown>>>;

export interface BoxReport {
  readonly tried: readonly Tried[];
  /** What guest/prober.py had in its hands, and how often; or the errors that it got. */
  readonly had: Readonly<Record<string, number>>;
}

/** What guest/touch.ts saw. */
export interface TouchReport {
  readonly rounds: number;
  readonly plugged: readonly Plugged[];
  /** What programs showed when nothing was plugged in yet, and when nothing was any more. */
  readonly before: AllShown;
  readonly after: AllShown;
  readonly warnings: readonly string[];
  readonly boxes: Readonly<Record<BoxName, BoxReport>>;
}

/** What a process may open: `ok` or `not permitted`. */
export type Openable = Readonly<Record<"vda" | "kmsg" | "uinput", "ok" | "not permitted">>;

/** What guest/systemd.ts saw of a service of systemd. */
export interface SystemdReport {
  readonly before: Openable;
  /** When the relay was there. */
  readonly attached: Openable;
  /** After `systemctl daemon-reload`. */
  readonly reloaded: Openable;
  /** After another, when the unit had been changed. */
  readonly changed: Openable;
  /** When the relay had gone. */
  readonly detached: Openable;
  readonly warnings: readonly string[];
}

/** What guest/slack.ts saw of a device that was pulled out while a program had it open. */
interface Slack {
  /** What reading from it says then: bytes, or the name of the error. */
  readonly read: number | string;
  /** Its number, while it was still open, and then: whether the next device of that kind had it. */
  readonly held: "kept" | "given to the next";
  readonly closed: "kept" | "given to the next";
}

export type SlackReport = Readonly<Record<Kind, Slack>>;

/** What each program of the virtual machine reports. */
export interface Reports {
  readonly plug: PlugReport;
  readonly slack: SlackReport;
  readonly systemd: SystemdReport;
  readonly touch: TouchReport;
  readonly xorg: XorgReport;
}

export type ProgramName = keyof Reports;
