import { Clock } from "./clock.js";
import type { Feature } from "./coincidences.js";
import type { Ear } from "./ear.js";
import { OTHER } from "./policies.js";
import { Run } from "./run.js";
import type { Plan, Setup } from "./steps.js";

/** Milliseconds of a look at the clock from which on a relay has to wait for its share of the time. */
const BUSY_MS = 1;

export interface Simulated {
  /** Sentences: what was not as it must be. */
  readonly faults: readonly string[];
  /** Of all that anybody was told. */
  readonly hash: string;
  readonly kills: number;
  readonly events: number;
  /** What each step brought about. */
  readonly happened: readonly ReadonlySet<Feature>[];
}

/**
 * Has one history happen. All of it depends on the plan alone.
 * @param stateDir of the relays; they write nothing there that would outlast them
 */
export async function simulate({ setup, steps }: Plan, stateDir: string): Promise<Simulated> {
  const clock = new Clock(setup.lookMs);
  const restore = clock.install();
  const run = new Run(clock, setup, stateDir);
  const happened: ReadonlySet<Feature>[] = [];
  const faults: string[] = [];
  const isQuick = setup.lookMs < BUSY_MS;
  try {
    await run.relays.start();
    for (const step of steps) {
      await run.do(step);
      if (step[0] === "run" && isQuick && run.isSure) faults.push(...(await faultsAtOnce(run)));
      happened.push(new Set(run.happened));
    }
    faults.push(...(await end(run, setup)));
  } catch (error) {
    faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    run.relays.kill();
    restore();
  }
  const { trace, relays } = run;
  return { faults, hash: trace.digest(), kills: relays.kills, events: trace.events, happened };
}

/** Everything comes to rest, and then a relay is killed and another one comes without anybody noticing. */
async function end(run: Run, setup: Setup): Promise<string[]> {
  run.sayMore();
  await run.release();
  await run.settled();
  const { readers } = run;
  const sure = run.ears.filter((ear) => !setup.loses || !readers.includes(ear)); // only a look at the others says what they lost
  const faults = setup.lookMs < BUSY_MS ? await faultsOf(run, sure) : [];
  await run.rest();
  faults.push(
    ...(await faultsOf(run, run.ears)),
    ...[...sure, ...run.left].flatMap((ear) => ear.faults),
    ...run.faults,
  );
  const { events } = run.trace;
  await run.restart();
  await run.rest();
  const again = run.trace.events - events;
  if (again > 0) faults.push(`${again} events were told again to those who knew them`);
  return [...faults, ...(await run.end())];
}

/** As soon as the relay has heard what the kernel said, whoever needs to read nothing knows it. */
function faultsAtOnce(run: Run): Promise<string[]> {
  run.own?.readAll();
  return faultsOf(run, run.own ? [run.own] : []);
}

/** What each must know. */
async function faultsOf(run: Run, ears: readonly Ear[]): Promise<string[]> {
  const { model, policies, relays, other, kernel } = run;
  const wanted = model.visible(policies.now);
  const differs = (who: string, found: Iterable<string>, right: readonly string[]): string[] => {
    const is = [...found].sort();
    const extra = is.filter((each) => !right.includes(each));
    const missing = right.filter((each) => !is.includes(each));
    return extra.length + missing.length === 0 ? [] : [`${who}: not ${extra.join()}, but ${missing.join()}`];
  };
  const devices = (await relays.box.devices()).map(({ devpath }) => devpath);
  return [
    ...differs("devices()", devices, wanted),
    ...ears.flatMap((ear) => {
      return differs(ear.name, ear.told, model.named(ear === other ? model.visible(OTHER) : wanted));
    }),
    ...differs("/run/udev", kernel.udevDirectory("/run/.udev/box")?.keys() ?? [], model.entriesOf(wanted)),
  ];
}
