import type { TargetRef } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { systemError, ERRNO } from "./errno.js";
import type { SocketInjector } from "./injector.js";
import { SocketSender } from "./sender.js";
import { mayNot, tooOld } from "./errors.js";

const TOO_LONG = 65_536; // bytes; the kernel takes less of an event, and of what is said to a group: SEND_BUFFER of uevent_socket.c

/**
 * Finds out if events may be put into a namespace, without one being heard: the kernel checks the sender's credentials and
 * privilege before it looks at the length. @throws KernelError NO_PRIVILEGE, KERNEL_TOO_OLD
 */
export function proveInjection(addon: Addon, injector: SocketInjector, ref: TargetRef): void {
  const sender = new SocketSender(addon);
  sender.stage(new Uint8Array(TOO_LONG), 0, TOO_LONG);
  sender.push(injector);
  const [answer] = sender.flush();
  if (answer?.outcome === "too-long") return;
  if (answer?.outcome === "gone")
    throw tooOld("put events into a namespace", "4.18", systemError("sendmsg", -ERRNO.ECONNREFUSED));
  throw mayNot(ref, "speak into", systemError("sendmsg", -ERRNO.EPERM));
}
