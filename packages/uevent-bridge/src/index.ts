export { BridgeError, DEFAULT_LIMITS } from "@uevent-bridge/relay";
export type {
  AttachOptions,
  Change,
  Container,
  ContainerEvents,
  Decision,
  Deliver,
  DeliveryChoice,
  Device,
  ErrorCode,
  Explanation,
  Gap,
  Limits,
  Message,
  Mount,
  Policy,
  Relay,
  RelayEvents,
  RuleLike,
  StreamOptions,
  Target,
} from "@uevent-bridge/relay";
export { literal } from "@uevent-bridge/filter";
export type { Rule } from "@uevent-bridge/filter";
export type { Kernel } from "@uevent-bridge/kernel";
export type { Listener, ListenOptions } from "@uevent-bridge/listener";
export type { Uevent } from "@uevent-bridge/uevent";
export { listen } from "./listen.js";
export { openRelay } from "./open-relay.js";
export type { RelayOptions } from "./open-relay.js";
export { formatRule, parseRule } from "./rules.js";
