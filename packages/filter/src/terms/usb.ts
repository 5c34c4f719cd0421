import type { Facts } from "../facts.js";
import { exactly, parsePattern } from "../pattern.js";
import { Piece } from "../piece.js";
import { asString } from "./forms.js";
import { isUsbDevice } from "./names.js";
import type { Term } from "./term.js";

const IDS = /^(?<vid>[0-9a-f]{1,4}|\*):(?<pid>[0-9a-f]{1,4}|\*)(?::(?<serial>.+))?$/is;
const USAGE = "usb=VID:PID[:SERIAL]";

/** A USB device by what it says that it is. A rule with a serial number is a condition on `serial` under the ids as key. */
export const usb: Term = {
  name: "usb",
  role: "place",
  form: "value",
  usage: USAGE,
  also: ["id", "idVendor", "idProduct"],
  shape: /^[0-9a-f]{4}:[0-9a-f]{4}(:|$)/i,
  read: readUsb,
  write: asString,
  look: {
    split: splitUsb,
    values: (device, ids) =>
      ids === "" ? idsOf(device) : idsOf(device).includes(ids) ? device.attribute("serial") : undefined,
    keysOf: (device) => ["", ...idsOf(device)],
    attribute: (ids) => (ids === "" ? undefined : "serial"),
    shared: 1,
  },
};

function readUsb(value: Piece): string {
  const parts = IDS.exec(value.text)?.groups;
  if (parts === undefined)
    throw value.fail(
      "A USB device is VID:PID or VID:PID:SERIAL",
      `Write ${USAGE}, the ids as hex digits or "*": usb=046d:c52b.`,
    );
  const { vid = "", pid = "", serial } = parts;
  if (serial === undefined) return `${full(vid)}:${full(pid)}`;
  parsePattern(value.slice(value.text.length - serial.length));
  return `${full(vid)}:${full(pid)}:${serial}`;
}

/** Four digits in lower case, as `lsusb` prints them. */
function full(id: string): string {
  return id === "*" ? id : id.toLowerCase().padStart(4, "0");
}

function splitUsb(value: string) {
  const { vid, pid, serial } = IDS.exec(value)?.groups ?? {};
  const ids = `${vid}:${pid}`;
  if (serial === undefined) return { key: "", pattern: exactly(ids) };
  return { key: ids, pattern: parsePattern(Piece.ofField(serial, "usb")) };
}

/** Each way to write the ids of a device; none if it is no USB device. PRODUCT is `vid/pid/bcdDevice` in hex without leading zeros. */
function idsOf(device: Facts): readonly string[] {
  if (!isUsbDevice(device)) return [];
  const [vid, pid] = (device.property("PRODUCT") ?? "").split("/").map(full);
  return vid && pid ? [`${vid}:${pid}`, `${vid}:*`, `*:${pid}`, "*:*"] : [];
}
