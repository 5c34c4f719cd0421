import { Router, compilePolicy, parseRule, type Facts } from "@uevent-bridge/filter";

/** A device of a made-up machine: USB serial converters behind hubs, and loop devices. */
class Device implements Facts {
  readonly links: readonly string[] = [];
  readonly tags: readonly string[] = [];
  readonly devpath: string;
  readonly subsystem: string;
  readonly parent: Facts | undefined;
  readonly #properties: ReadonlyMap<string, string>;

  constructor(devpath: string, subsystem: string, properties: Record<string, string>, parent?: Facts) {
    this.devpath = devpath;
    this.subsystem = subsystem;
    this.parent = parent;
    this.#properties = new Map(Object.entries(properties));
  }

  property(key: string): string | undefined {
    return this.#properties.get(key);
  }

  attribute(): undefined {
    return undefined;
  }
}

const SAMPLE_NS = 1e6;
const LONGEST_MS = 400;
const PCI = "/devices/pci0000:00/0000:00:14.0";

function usbTty(hub: number, port: number): Facts {
  const id = `1-${hub}.${port}`;
  const controller = new Device(PCI, "pci", { DRIVER: "xhci_hcd" });
  const usbDevice = (path: string, up: Facts) =>
    new Device(path, "usb", { DEVTYPE: "usb_device", PRODUCT: "403/6001/600", DRIVER: "usb" }, up);
  const root = usbDevice(`${PCI}/usb1`, controller);
  const parent = usbDevice(`${PCI}/usb1/1-${hub}`, root);
  const device = usbDevice(`${parent.devpath}/${id}`, parent);
  const usbInterface = new Device(`${device.devpath}/${id}:1.0`, "usb", { DRIVER: "ftdi_sio" }, device);
  const name = `ttyUSB${hub * 7 + port}`;
  const serial = new Device(`${usbInterface.devpath}/${name}`, "usb-serial", { DRIVER: "ftdi_sio" }, usbInterface);
  return new Device(`${serial.devpath}/tty/${name}`, "tty", { DEVNAME: name, MAJOR: "188", MINOR: "0" }, serial);
}

const loops = Array.from(
  { length: 64 },
  (_, i) => new Device(`/devices/virtual/block/loop${i}`, "block", { DEVNAME: `loop${i}`, DEVTYPE: "disk" }),
);
const ttys = Array.from({ length: 64 }, (_, i) => usbTty(1 + (i >> 2), 1 + (i & 3)));

/** Ten rules of container `i`; of all containers, about three have one that picks a given device. */
const scenarios: Record<string, { devices: readonly Facts[]; rules: (i: number, of: number) => string[] }> = {
  "path rules": {
    devices: loops,
    rules: (i, of) => range(10).map((j) => `/devices/virtual/block/loop${spread(i, j, of)}`),
  },
  "path globs": {
    devices: loops,
    rules: (i, of) => range(10).map((j) => `/devices/virtual/*/loop${spread(i, j, of)}`),
  },
  "port + kind": {
    devices: ttys,
    rules: (i, of) =>
      range(10)
        .map((j) => portOf(spread(i, j, of)))
        .map((port) => `port=${port},subsystem=tty`),
  },
  "kinds, mixed": {
    devices: ttys,
    rules: (i, of) =>
      range(10).map((j) => {
        const n = spread(i, j, of);
        return [`devname=ttyUSB${n}`, `port=${portOf(n)},subsystem=tty`, `devname=ttyUSB${n}*,driver=ftdi_sio`][
          j % 3
        ] as string;
      }),
  },
};

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

/** Device numbers so that each of the first 64 is named about three times, however many containers there are. */
function spread(i: number, j: number, of: number): number {
  const n = i * 10 + j;
  return n % Math.max(64, Math.floor((of * 10) / 3));
}

function portOf(n: number): string {
  return `1-${1 + (n >> 2)}.${1 + (n & 3)}`;
}

/** For one device. Short samples and their lower quartile: what other work on the machine adds is no cost of ours. */
function nanoseconds(devices: readonly Facts[], work: (device: Facts) => unknown): number {
  const sample = (rounds: number) => {
    const start = performance.now();
    for (let round = 0; round < rounds; round++) for (const device of devices) work(device);
    return ((performance.now() - start) * 1e6) / (rounds * devices.length);
  };
  const rounds = Math.max(1, Math.ceil(SAMPLE_NS / (devices.length * sample(3))));
  const samples: number[] = [];
  for (const start = performance.now(); samples.length < 3 || performance.now() - start < LONGEST_MS;)
    samples.push(sample(rounds));
  const warm = samples.slice(Math.floor(samples.length / 3)); // the first ones are not compiled yet
  return warm.toSorted((a, b) => a - b)[warm.length >> 2] ?? NaN;
}

console.log("rules            containers   picks   router ns   linear ns   ratio");
for (const [name, { devices, rules }] of Object.entries(scenarios))
  for (const containers of [10, 100, 1000, 10_000]) {
    const router = new Router<number>();
    const all = range(containers).flatMap((i) => rules(i, containers).map((text) => ({ i, text })));
    for (const { i, text } of all) router.add("allow", parseRule(text), i);
    const linear = containers > 1000 ? [] : all.flatMap(({ text }) => compilePolicy({ allow: [text] }).allow);
    const claims = (device: Facts) => router.picks(device).reduce((sum, { allow }) => sum + allow.size, 0);
    const picked = devices.reduce((sum, device) => sum + claims(device), 0) / devices.length;
    const fast = nanoseconds(devices, claims);
    const slow =
      linear.length === 0
        ? NaN
        : nanoseconds(devices.slice(0, 8), (device) => linear.filter((rule) => rule.picks(device)));
    const columns = [fast.toFixed(0).padStart(12), slow.toFixed(0).padStart(12), (slow / fast).toFixed(0).padStart(8)];
    console.log(name.padEnd(16), String(containers).padStart(10), picked.toFixed(1).padStart(8), ...columns);
  }
