/** What was dropped, and why. */
export interface Counters {
  /** Datagrams that the kernel did not send. */
  forged: number;
  malformed: number;
}
