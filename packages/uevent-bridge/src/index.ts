export { BridgeError, DEFAULT_LIMITS } from "@uevent-bridge/relay";
export type {
  AttachBase,
  AttachOptions,
  BridgeErrorOptions,
  Change,
  Container,
  ContainerEvents,
  ContainerNode,
  Counters,
  Decision,
  Deliver,
  DeliveryChoice,
  Device,
  ErrorCode,
  ExplainOptions,
  Explanation,
  Gap,
  Holder,
  Limits,
  Message,
  Mount,
  OnOpen,
  OpenBy,
  Policy,
  Relay,
  RelayEvents,
  Revocation,
  RevokeOptions,
  RuleLike,
  StreamOptions,
  Target,
  TransferOptions,
  Words,
} from "@uevent-bridge/relay";
export { literal } from "@uevent-bridge/filter";
export type { Access, Kinds, Places, Rule } from "@uevent-bridge/filter";
export type { Kernel, Access as NodeAccess } from "@uevent-bridge/kernel";
export type { Listener, ListenOptions } from "@uevent-bridge/listener";
export type { Action, Uevent, UeventJson } from "@uevent-bridge/uevent";
export { listen } from "./listen.js";
export { openRelay } from "./open-relay.js";
export type { RelayOptions } from "./open-relay.js";
export { formatRule, parseRule } from "./rules.js";
