/** Mutants of the relay's outlets, and of what it derives as udev does that nobody can notice, by their names, and why. */
export const OUTLETS_AND_UDEV: Readonly<Record<string, string>> = {
  "packages/relay/src/outlets/denial.ts isFirst: now > this.#until → (now) >= (this.#until)":
    "nobody refuses as exactly as that",
  'packages/relay/src/outlets/merge.ts whatIsSaid: if (concern.from !== undefined) return "moved"; if (concern.gone) return "went"; → if (concern.gone) return "went"; if (concern.from !== undefined) return "moved";':
    "nothing moves and goes at once",
  "packages/relay/src/outlets/merge.ts withoutNumber: start < 0 → (start) <= (0)": "no event begins with its number",
  "packages/relay/src/outlets/msgpack-outlet.ts #pack: this.#bytes + bytes.length > DATAGRAM_BYTES → (this.#bytes + bytes.length) >= (DATAGRAM_BYTES)":
    "it is sent in two datagrams, and the same",
  'packages/relay/src/outlets/msgpack-outlet.ts gap: this.#pack({ kind: "gap", lost }); this.#onGap(lost); → this.#onGap(lost); this.#pack({ kind: "gap", lost });':
    "it is sent in a later turn",
  'packages/relay/src/outlets/msgpack-outlet.ts gap: this.#seq += lost; this.#pack({ kind: "gap", lost }); → this.#pack({ kind: "gap", lost }); this.#seq += lost;':
    "nothing is packed before it",
  "packages/relay/src/outlets/netlink-outlet.ts #look: if (someoneNew && this.#options.coldplug) this.tellAgain(); if (lost > 0) this.#options.onGap(lost); → if (lost > 0) this.#options.onGap(lost); if (someoneNew && this.#options.coldplug) this.tellAgain();":
    "neither asks for the other",
  "packages/relay/src/outlets/netlink-outlet.ts constructor: this.#budget.mergeBy(() => this.#merge(), options.share); const parts = { limit: options.limits.wait … get, onReady: (said: Said) => this.#ready(said) }; → const parts = { limit: options.limits.waiting, budget: this.#budget, onReady: (said: Said) => this.# … udget.mergeBy(() => this.#merge(), options.share);":
    "neither asks for the other",
  "packages/relay/src/outlets/netlink-outlet.ts flush: this.#waiting.length > 0 → (this.#waiting.length) >= (0)":
    "of nothing nothing is sent",
  "packages/relay/src/outlets/patience.ts patiently: performance.now() < until → (performance.now()) <= (until)":
    "nobody waits as exactly as that",
  "packages/relay/src/outlets/peer-queue.ts constructor: this.#options = options; options.outbox.open(options.peer, this); → options.outbox.open(options.peer, this); this.#options = options;":
    "nothing was pushed that it could hear of",
  "packages/relay/src/outlets/preparation.ts #add: if (this.#waiting.holds(at, taken)) return this.#waiting.keep(said, at, taken); if (this.#waiting.isFull) return false; → if (this.#waiting.isFull) return false; if (this.#waiting.holds(at, taken)) return this.#waiting.keep(said, at, taken);":
    "where there is no room nothing is kept either",
  "packages/relay/src/outlets/preparation.ts #ready: this.#options.budget.give(said.datagram.bytes); this.#options.onReady(said); → this.#options.onReady(said); this.#options.budget.give(said.datagram.bytes);":
    "who says it does not ask for room",
  "packages/relay/src/udev/database.ts #remove: if (id === undefined) return; this.#ids.delete(device); → this.#ids.delete(device); if (id === undefined) return;":
    "who has none loses none",
  "packages/relay/src/udev/database.ts #remove: this.#devices.delete(id); → {}": "a set of nobody is as good as none",
  'packages/relay/src/udev/derive.ts addIds: if ((isUsbDevice || IDENTIFIED.has(subsystem)) && !derived.has("ID_BUS")) addUsbIds(derived); const pci = derived.nearest("pci"); → const pci = derived.nearest("pci"); if ((isUsbDevice || IDENTIFIED.has(subsystem)) && !derived.has("ID_BUS")) addUsbIds(derived);':
    "what it is below changes with nothing",
  'packages/relay/src/udev/derive.ts addIds: if (subsystem === "input") addInputBus(derived); const isUsbDevice = subsystem === "usb" && derived.devtype === "usb_device"; → const isUsbDevice = subsystem === "usb" && derived.devtype === "usb_device"; if (subsystem === "input") addInputBus(derived);':
    "which device it is changes with nothing",
  'packages/relay/src/udev/derive.ts addPath: if (path === undefined) return; derived.set("ID_PATH", path); → derived.set("ID_PATH", path); if (path === undefined) return;':
    "nothing is set to undefined",
  "packages/relay/src/udev/derive.ts derive: addIds(derived); addInputSerial(derived); → addInputSerial(derived); addIds(derived);":
    "who is on USB has its serial written over it",
  "packages/relay/src/udev/derive.ts derive: addInput(derived); addIds(derived); → addIds(derived); addInput(derived);":
    "neither asks for what the other finds",
  "packages/relay/src/udev/derive.ts derive: addInputSerial(derived); if (hasPath(derived)) addPath(derived); → if (hasPath(derived)) addPath(derived); addInputSerial(derived);":
    "neither asks for what the other finds",
  "packages/relay/src/udev/derive.ts derive: addTags(derived); addLinks(derived); → addLinks(derived); addTags(derived);":
    "neither asks for what the other finds",
  'packages/relay/src/udev/derive.ts derive: if (derived.tags.has("seat")) addSeat(derived); const { properties, links, tags } = derived; → const { properties, links, tags } = derived; if (derived.tags.has("seat")) addSeat(derived);':
    "they are the same maps and sets before and after",
  "packages/relay/src/udev/derive.ts derive: if (hasPath(derived)) addPath(derived); addTags(derived); → addTags(derived); if (hasPath(derived)) addPath(derived);":
    "neither asks for what the other finds",
  'packages/relay/src/udev/desk.ts #read: known.set(name, isSame && bytes ? toText(Buffer.from(bytes).toString("latin1")) : undefined); this.#attributes.set(device, known); → this.#attributes.set(device, known); known.set(name, isSame && bytes ? toText(Buffer.from(bytes).toString("latin1")) : undefined);':
    "it is the same map before and after",
  'packages/relay/src/udev/message.ts udevBytes: if (devname !== undefined && !devname.startsWith("/")) properties.set("DEVNAME", `/dev/${devname}`); properties.set("SEQNUM", `${seqnum}`); → properties.set("SEQNUM", `${seqnum}`); if (devname !== undefined && !devname.startsWith("/")) properties.set("DEVNAME", `/dev/${devname}`);':
    "they are two keys",
  'packages/relay/src/udev/message.ts udevBytes: properties.set("SEQNUM", `${seqnum}`); for (const [key, value] of known ? beyond(known) : []) if (!properties.has(key)) properties.set(key, value); → for (const [key, value] of known ? beyond(known) : []) if (!properties.has(key)) properties.set(key, value); properties.set("SEQNUM", `${seqnum}`);':
    "an event has a number of its own in any case",
  'packages/relay/src/udev/usb-id.ts addUsbIds: derived.set("ID_INSTANCE", unit); addInterface(derived, disk !== undefined); → addInterface(derived, disk !== undefined); derived.set("ID_INSTANCE", unit);':
    "neither asks for what the other finds",
};
