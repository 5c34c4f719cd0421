import { type Malformed, malformed } from "./malformed.js";

/** What is wrong with a devpath; `offset` is where it begins in its datagram. */
export function checkDevpath(devpath: string, offset: number): Malformed | undefined {
  if (!devpath.startsWith("/")) return malformed("devpath-not-absolute", offset);
  let at = offset + 1;
  for (const segment of devpath.slice(1).split("/")) {
    if (segment === "") return malformed("devpath-empty-segment", at);
    if (segment === "." || segment === "..") return malformed("devpath-dot-segment", at);
    at += segment.length + 1;
  }
  return undefined;
}
