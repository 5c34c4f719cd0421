/** The kernel's bound on all pairs of one uevent together, SEQNUM included, in bytes (`UEVENT_BUFFER_SIZE`). */
export const KERNEL_ENV_BYTES = 2048;

/** The longest header (`ACTION@DEVPATH` and its NUL), in bytes: both parts, each with its end, are pairs as well. */
export const KERNEL_HEADER_BYTES = KERNEL_ENV_BYTES - "ACTION=DEVPATH=".length;

/** The longest datagram in the kernel's form, in bytes. */
export const KERNEL_DATAGRAM_BYTES = KERNEL_HEADER_BYTES + KERNEL_ENV_BYTES;

/**
 * The longest payload without SEQNUM that the kernel surely takes for injection, in bytes:
 * message header, payload and the `SEQNUM=N` that it appends must fit into `KERNEL_ENV_BYTES`.
 */
export const INJECTION_BYTES = KERNEL_ENV_BYTES - 16 - "SEQNUM=18446744073709551615\0".length;

/** The longest datagram in udev's form that every libudev reads, in bytes. */
export const UDEV_DATAGRAM_BYTES = 8192;
