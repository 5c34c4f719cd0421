/** What has happened since the relay was opened, in all network namespaces that it hears. */
export interface Counters {
  /** Events of the kernel's that were taken in. */
  events: number;
  /** Datagrams that were dropped, as the kernel did not send them, */
  forged: number;
  /** and as they are no events. */
  malformed: number;
  /** Times that the kernel had no room to say something. */
  overruns: number;
  /** Times that `/sys` was read again. */
  resyncs: number;
}
