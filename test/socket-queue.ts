import { readFileSync } from "node:fs";

/** Datagrams that a Unix socket holds before it refuses more: Linux makes it 11, systemd 513 as it starts a system. */
export const SOCKET_QUEUE = Number(readFileSync("/proc/sys/net/unix/max_dgram_qlen", "latin1")) + 1;
