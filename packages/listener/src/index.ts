export { ListenerError } from "./errors.js";
export type { ListenerErrorCode } from "./errors.js";
export { listen } from "./listener.js";
export { listenRaw } from "./raw.js";
export type {
  Change,
  Gap,
  Handle,
  Listener,
  ListenerEvents,
  ListenOptions,
  Message,
  RawListener,
  RawListenerEvents,
} from "./types.js";
export { decodeWire, WIRE_VERSION } from "./wire.js";
export type { WireEvent, WireMessage } from "./wire.js";
