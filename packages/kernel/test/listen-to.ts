import type { Kernel } from "@uevent-bridge/kernel";

/** What a resumed source hears, as latin1; an overrun is the line `overrun`. */
export function listenTo(from: Pick<Kernel, "openSource">): string[] {
  const heard: string[] = [];
  from
    .openSource({
      group: "kernel",
      onBatch: ({ slab, count, starts, ends, overrun }) => {
        if (overrun) heard.push("overrun");
        for (let i = 0; i < count; i++) heard.push(toText(slab.subarray(starts[i], ends[i])));
      },
    })
    .resume();
  return heard;
}

export function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
