import type { Change, Message } from "@uevent-bridge/relay";
import type { Uevent } from "@uevent-bridge/uevent";

import type { Colour, Paint } from "./colour.js";
import { jsonLine } from "./json.js";
import { printable } from "./printable.js";

/** What the commands print as it happens. */
export type Told = Message | (Change & { readonly kind: "resync" });

export interface LineOptions {
  readonly paint: Paint;
  /** Each property on a line of its own. */
  readonly properties?: boolean;
  /** Who said it, where more than one source speaks. */
  readonly source?: string;
}

/** One line of JSON: `{"type":"event"|"gap"|"resync", …}`. */
export function messageJson(told: Told, source?: string): string {
  const said = source === undefined ? {} : { source };
  if (told.kind === "event") return jsonLine({ ...told.toJSON(), ...said });
  const { kind, ...rest } = told;
  return jsonLine({ type: kind, ...rest, ...said });
}

/** Lines for a human, newline included. */
export function messageText(told: Told, now: Date, options: LineOptions): string {
  const { paint } = options;
  const time = paint("dim", clock(now));
  const from = options.source === undefined ? "" : `${options.source.padEnd(6)} `;
  return `${time} ${from}${textOf(told, options)}\n`;
}

function textOf(told: Told, { paint, properties }: LineOptions): string {
  if (told.kind === "gap") return paint("red", `gap: ${told.lost} lost (${told.where})`);
  if (told.kind === "resync") {
    return paint("yellow", `resync: ${told.added.length} added, ${told.removed.length} removed`);
  }
  return eventText(told, paint) + (properties ? propertyLines(told) : "");
}

/** Action, subsystem, devpath and the name in `/dev`. */
export function eventText(event: Uevent, paint: Paint): string {
  const action = paint(colourOf(event.action), printable(event.action).padEnd(7));
  const devname = event.env.get("DEVNAME");
  const node = devname === undefined ? "" : paint("dim", `  /dev/${printable(devname.replace(/^\/dev\//, ""))}`);
  return `${action} ${printable(event.subsystem).padEnd(10)} ${printable(event.devpath)}${node}`;
}

function propertyLines(event: Uevent): string {
  return [...event.env].map(([key, value]) => `\n    ${printable(`${key}=${value}`)}`).join("");
}

function colourOf(action: string): Colour {
  if (action === "add" || action === "bind" || action === "online") return "green";
  return action === "remove" || action === "unbind" || action === "offline" ? "red" : "yellow";
}

function clock(now: Date): string {
  const pad = (value: number, width = 2): string => String(value).padStart(width, "0");
  return `${pad(now.getHours())}:${pad(now.getMinutes())}:${pad(now.getSeconds())}.${pad(now.getMilliseconds(), 3)}`;
}
