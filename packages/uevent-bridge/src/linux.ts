import { agentPath } from "@uevent-bridge/agent";
import type { Kernel } from "@uevent-bridge/kernel";
import type { Keeper } from "@uevent-bridge/linux";

import { asBridgeError } from "./bridge-errors.js";
import type { ServiceWords } from "./service/environment.js";
import type { ServiceManager } from "./service/manager.js";

/** This machine's kernel. The addon is loaded here and nowhere before. @throws BridgeError ADDON_MISSING */
export async function openThisLinux(lockDirectory?: string, keeper?: Keeper): Promise<Kernel> {
  try {
    const { openLinux } = await import("@uevent-bridge/linux");
    return openLinux({ agent: thisAgent, keeper, ...(lockDirectory !== undefined && { lockDirectory }) });
  } catch (error) {
    throw asBridgeError(error);
  }
}

/** The path of `uevent-agent`. @throws BridgeError ADDON_MISSING */
export function thisAgent(): string {
  try {
    return agentPath();
  } catch (error) {
    throw asBridgeError(error);
  }
}

/** Who has started this process as a service. @throws BridgeError ADDON_MISSING */
export async function openThisService({ watchdogMs, ...words }: ServiceWords): Promise<ServiceManager> {
  try {
    const { Service } = await import("@uevent-bridge/linux");
    return Object.assign(new Service(words), { watchdogMs });
  } catch (error) {
    throw asBridgeError(error);
  }
}
