import type { Heard, Sighting } from "./sighting.js";
import { headerOf } from "./sighting.js";
import { matched, milliseconds } from "./verdict.js";
import type { Evidence } from "./verdict.js";

/** One event of the host, and what the containers were told of it. */
export type Row = readonly [host: string, box: string, other: string];

export const HEADINGS: Row = ["host", "box: may see it", "other: may not"];

const NOTHING = "-";

/** A row for each event that the host's kernel said. */
export function rowsOf({ host, box, other, channels }: Evidence): Row[] {
  const tellings = (heard: Heard) => channels.map((channel) => ({ channel, told: matched(host, heard[channel]) }));
  const [toBox, toOther] = [tellings(box), tellings(other)];
  return host.map((event) => [eventName(event), cell(event, toBox), cell(event, toOther)]);
}

interface Telling {
  readonly channel: string;
  readonly told: ReadonlyMap<Sighting, Sighting>;
}

function cell(event: Sighting, tellings: readonly Telling[]): string {
  const parts = tellings.flatMap(({ channel, told }) => {
    const sighting = told.get(event);
    return sighting ? [`${milliseconds(event, sighting).toFixed(2)} ms ${channel}`] : [];
  });
  return parts.join(", ") || NOTHING;
}

/** `add    block loop0`. */
function eventName({ bytes }: Sighting): string {
  const { action, devpath } = headerOf(bytes);
  const subsystem = /\0SUBSYSTEM=([^\0]*)/.exec(Buffer.from(bytes).toString("latin1"))?.[1] ?? "";
  return `${action.padEnd(6)} ${subsystem} ${devpath.slice(devpath.lastIndexOf("/") + 1)}`;
}
