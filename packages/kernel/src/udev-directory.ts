import type { UdevRecord } from "./devices.js";

/**
 * What programs of libudev find in `/run/udev`: `control`, whose presence tells them that a udevd runs, and the database. The
 * container reads it; nobody but the caller writes there.
 */
export interface UdevDirectory {
  /** As the host sees it. */
  readonly path: string;
  /** What is known of a device from now on. `id`: of `udevId`. */
  put(id: string, entry: UdevEntry): void;
  /** Nothing is known of it any more. */
  remove(id: string): void;
  /** Takes everything out and removes the directory. */
  close(): void;
}

export interface UdevEntry extends UdevRecord {
  /** When it was first known, in microseconds of the monotonic clock. */
  readonly initialized: bigint;
}
