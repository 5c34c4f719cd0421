import type { Batch } from "@uevent-bridge/kernel";

const KERNEL_GROUP = 1;
const UDEV_GROUP = 2;

/**
 * True if the kernel itself said datagram `i`. Any process with CAP_NET_ADMIN can multicast with a port id of its own,
 * anybody can send unicast, and an event that was injected (port id 0 too) carries its injector's pid.
 */
export function isFromKernel(batch: Batch, i: number): boolean {
  return batch.portIds[i] === 0 && batch.groups[i] === KERNEL_GROUP && batch.pids[i] === 0;
}

/** As the kernel's, or injected by somebody with CAP_SYS_ADMIN over this network namespace: what a nested relay lives on. */
export function isFromKernelOrInjected(batch: Batch, i: number): boolean {
  return batch.portIds[i] === 0 && batch.groups[i] === KERNEL_GROUP;
}

/** True if a process of root said datagram `i` to the udev group. */
export function isFromUdev(batch: Batch, i: number): boolean {
  return batch.groups[i] === UDEV_GROUP && batch.uids[i] === 0;
}
