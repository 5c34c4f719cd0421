import type { Program, ProgramSocket } from "@uevent-bridge/kernel";

import { note, ok, problem } from "./finding.js";
import type { Finding } from "./finding.js";

const FULL = 0.9; // of its buffer: the next event may be lost
/** They have sockets that only speak. */
const UDEVD = /^(systemd-udevd|udevd|\(udev-worker\))$/;

/** What each socket of a program hears, and what keeps events away from it. */
export function describeProgram(program: Program): Finding[] {
  return program.sockets.flatMap((socket) => describeSocket(program, socket));
}

function describeSocket(program: Program, socket: ProgramSocket): Finding[] {
  const who = `${program.name} (pid ${program.pid})`;
  if (socket.groups.length === 0) return isDeaf(program) ? [deaf(who)] : [];
  const groups = socket.groups.map((group) => GROUPS[group]).join(" and ");
  const listens = ok("reader.listens", `${who} listens to ${groups}; ${socket.rmem} bytes wait for it`);
  return [listens, ...full(who, socket), ...lost(who, socket), ...filtered(who, socket)];
}

const GROUPS = {
  kernel: "the kernel",
  udev: "udevd, by libudev",
  "libudev-zero": "udevd, by libudev-zero",
} satisfies Record<ProgramSocket["groups"][number], string>;

/** Others may have one to speak by. */
function isDeaf({ usesLibudev, name }: Program): boolean {
  return (usesLibudev || name === "udevadm") && !UDEVD.test(name); // Debian's udevadm has its own libudev in it
}

function deaf(who: string): Finding {
  return problem(
    "reader.deaf",
    `${who} is deaf for ever: there was no /run/udev/control when it began to listen by libudev`,
    "Start it anew once there is: while a relay is attached with --netlink both (or auto chose it), or its udevd runs.",
  );
}

function full(who: string, { rmem, receiveBuffer }: ProgramSocket): Finding[] {
  if (receiveBuffer === undefined || rmem < FULL * receiveBuffer) return [];
  return [
    problem(
      "reader.full",
      `${who} does not read: ${rmem} of ${receiveBuffer} bytes of its buffer are taken, and what comes is lost to it`,
      "See what it waits for (/proc/PID/wchan), or start it anew; when it reads again a relay tells it what it lost.",
    ),
  ];
}

function lost(who: string, { drops }: ProgramSocket): Finding[] {
  if (drops === 0) return [];
  const remedy =
    "It reads too slowly, or its buffer is too small. A relay paces what it says, and tells again what was lost.";
  return [note("reader.lost", `${who} has lost ${drops} events since it began to listen`, remedy)];
}

function filtered(who: string, { isFiltered }: ProgramSocket): Finding[] {
  if (!isFiltered) return [];
  return [
    note(
      "reader.filtered",
      `${who} has a filter on its socket: it hears of the subsystems and tags that it asked for, and of nothing else`,
      "What a program without one hears beside it (udevadm monitor) shows what its filter leaves out.",
    ),
  ];
}
