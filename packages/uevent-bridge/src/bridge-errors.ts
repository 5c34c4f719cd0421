import { AgentError } from "@uevent-bridge/agent";
import { BridgeError, asBridgeError as asRelayError } from "@uevent-bridge/relay";

/** What the work returns; errors of the packages below become ours. @throws BridgeError */
export function withBridgeErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asBridgeError(error);
  }
}

/** Errors of the packages below become ours; anything else stays what it is. */
export function asBridgeError(error: unknown): unknown {
  if (error instanceof AgentError) {
    return new BridgeError(error.code, error.message, { remedy: error.remedy, cause: error });
  }
  return asRelayError(error);
}
