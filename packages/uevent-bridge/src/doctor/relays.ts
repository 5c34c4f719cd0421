import { answers } from "../control/claim.js";
import { attachedNames, controlPath } from "../control/directory.js";
import { listenerOn } from "../control/listener.js";
import type { Runtime } from "../runtime-directory.js";
import { note, ok } from "./finding.js";
import type { Finding } from "./finding.js";

const NAMED = 5; // of each kind

interface Served {
  readonly name: string;
  readonly isAtWork: boolean;
  /** With the pid of its relay, where that can be seen. */
  readonly shown: string;
}

/** Which containers relays of this user serve, or were killed while they did: which of them a process belongs to is not asked. */
export async function checkRelays(runtime: Runtime, pid: number): Promise<Finding[]> {
  const names = await attachedNames(runtime);
  const served = await Promise.all(names.map((name) => lookAt(name, controlPath(runtime, name))));
  const atWork = served.filter(({ isAtWork }) => isAtWork);
  return [atWork.length > 0 ? some(atWork) : none(pid), ...killed(served.filter(({ isAtWork }) => !isAtWork))];
}

async function lookAt(name: string, path: string): Promise<Served> {
  const [isAtWork, listener] = await Promise.all([answers(path), listenerOn(path)]);
  return { name, isAtWork, shown: listener ? `${name} (pid ${listener.pid})` : name };
}

function some(served: readonly Served[]): Finding {
  return ok("relay.attached", `relays of this user serve ${listOf(served.map(({ shown }) => shown))}`);
}

function none(pid: number): Finding {
  const start = `As the user who may say events there: uevent-bridge attach NAME --pid ${pid} --allow RULE`;
  return note("relay.none", "no relay of this user is attached: nobody tells it of devices", start);
}

function killed(left: readonly Served[]): Finding[] {
  const [first] = left;
  if (!first) return [];
  const names = listOf(left.map(({ name }) => name));
  const message = `a relay was killed that served ${names}: what it put into the container may be there still, also what it said its programs may open`;
  const remedy = `Attach it by that name again (uevent-bridge attach ${first.name} …): that takes over what is left, and takes it away at its end.`;
  return [note("relay.killed", message, remedy)];
}

function listOf(names: readonly string[]): string {
  const others = names.length - NAMED;
  return names.slice(0, NAMED).join(", ") + (others > 0 ? ` and ${others} more` : "");
}
