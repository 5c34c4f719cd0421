/** What the relay of a soak is asked. */
export type Request =
  | { readonly what: "attach"; readonly name: string; readonly pid: number; readonly allow: readonly string[] }
  | { readonly what: "detach"; readonly name: string }
  | { readonly what: "settle" | "sample" | "end" };

/** What a relay holds when nothing is in flight. */
export interface Sample {
  /** Heard until then. */
  readonly events: number;
  readonly overruns: number;
  /** Bytes. */
  readonly rss: number;
  /** Bytes of JavaScript and what belongs to it, without garbage. */
  readonly heap: number;
  readonly descriptors: number;
  /** What Node waits for. */
  readonly handles: number;
  readonly watches: number;
  /** Network namespaces that it has open. */
  readonly namespaces: number;
}
