import { Clock } from "./clock.js";
import type { Feature } from "./coincidences.js";
import { OTHER, Run } from "./run.js";
import type { Plan, Setup } from "./steps.js";

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
  try {
    await run.relays.start();
    for (const step of steps) {
      await run.do(step);
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
  await run.rest();
  const faults = await faultsOf(run, setup);
  const { events } = run.trace;
  await run.restart();
  await run.rest();
  const again = run.trace.events - events;
  if (again > 0) faults.push(`${again} events were told again to those who knew them`);
  await run.relays.end();
  return faults;
}

/** What each must know, and how it may have come to know it. */
async function faultsOf(run: Run, setup: Setup): Promise<string[]> {
  const { model, policy, relays, listeners, readers, other, left, kernel } = run;
  const wanted = model.visible(policy);
  const differs = (who: string, found: Iterable<string>, right: readonly string[]): string[] => {
    const is = [...found].sort();
    const extra = is.filter((each) => !right.includes(each));
    const missing = right.filter((each) => !is.includes(each));
    return extra.length + missing.length === 0 ? [] : [`${who}: not ${extra.join()}, but ${missing.join()}`];
  };
  const devices = (await relays.box.devices()).map(({ devpath }) => devpath);
  return [
    ...differs("devices()", devices, wanted),
    ...[...listeners, ...readers].flatMap(({ name, told }) => differs(name, told, model.named(wanted))),
    ...differs("other", other.told, model.named(model.visible(OTHER))),
    ...differs("/run/udev", kernel.udevDirectory("/run/.udev/box")?.keys() ?? [], model.entriesOf(wanted)),
    ...[...listeners, ...left, other, ...(setup.loses ? [] : readers)].flatMap((ear) => ear.faults),
  ];
}
