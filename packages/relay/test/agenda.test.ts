import { expect, test, vi } from "vitest";

import { attend } from "../src/agenda.js";
import { made } from "../src/datagram.js";
import { KnownDevice } from "../src/known-device.js";
import { Outlet } from "../src/outlet.js";
import { LocalOutlet } from "../src/outlets/local-outlet.js";
import type { View } from "../src/view.js";

class Noting extends Outlet {
  protected readonly idle = true;
  readonly #note: () => void;
  readonly #onFlush: () => void;

  constructor(view: View, note: () => void, onFlush = (): void => {}) {
    super(view);
    this.#note = note;
    this.#onFlush = onFlush;
  }

  protected accept(): boolean {
    this.#note();
    return true;
  }

  flush(): void {
    this.#onFlush();
  }
  close(): void {}

  /** Something became ready meanwhile. */
  wantAttention(): void {
    this.schedule();
  }
}

test("who had something to do before is no earlier told what all are told", () => {
  const agenda = new Set<Outlet>();
  const device = new KnownDevice("/devices/a", "misc", "", "1");
  const notes: string[] = [];
  const view: View = { agenda, wanted: () => [device] };
  const [first, second] = [1, 2].map((rank) => new Noting(view, () => notes.push(`${rank}`))) as [Noting, Noting];
  second.wantAttention();
  for (const outlet of [first, second]) outlet.fallBehind();
  attend(agenda);
  expect(notes).toEqual(["1", "2"]);
});

test("what waits goes out before anything is told anew, and who asks for another turn in its own has one", () => {
  const agenda = new Set<Outlet>();
  const device = new KnownDevice("/devices/a", "misc", "", "1");
  const notes: string[] = [];
  const outlet = new Noting(
    { agenda, wanted: () => [device] },
    () => notes.push("told"),
    () => {
      if (notes.push("sent") === 1) outlet.wantAttention();
    },
  );
  outlet.fallBehind();
  attend(agenda);
  expect(notes).toEqual(["sent", "told", "sent", "sent"]);
  expect(agenda.size).toBe(0);
});

test("what a receiver may know wrongly of a device is not said once more behind what it is told anew", () => {
  const agenda = new Set<Outlet>();
  const device = new KnownDevice("/devices/a", "misc", "", "1");
  const notes: string[] = [];
  const outlet = new Noting({ agenda, wanted: () => [device] }, () => notes.push("told"));
  outlet.fallBehind();
  attend(agenda);
  outlet.doubt({ device, devpath: device.devpath, doubt: "state" });
  outlet.tellAgain();
  for (let turn = 0; turn < 2; turn++) {
    outlet.fallBehind();
    attend(agenda);
    expect(notes).toEqual(["told", "told"]);
  }
});

test("what changed while nothing was told is told when that is taken back, and what was doubted before is doubted still", () => {
  const agenda = new Set<Outlet>();
  const [first, second, third] = ["a", "b", "c"].map((name) => new KnownDevice(`/devices/${name}`, "misc", "", name));
  const notes: string[] = [];
  const outlet = new Noting({ agenda, wanted: () => [first!, second!, third!] }, () => notes.push("told"));
  outlet.fallBehind();
  attend(agenda);
  outlet.doubt({ device: first!, devpath: first!.devpath, doubt: "state" });
  const takeBack = outlet.suspend();
  second!.state = "MOOD=good\0";
  attend(agenda);
  expect(notes).toHaveLength(3);
  takeBack();
  attend(agenda);
  expect(notes).toHaveLength(5);
});

test("that a container sees others is said once, and again when it does", () => {
  const agenda = new Set<Outlet>();
  const [first, second] = ["a", "b"].map((name) => new KnownDevice(`/devices/${name}`, "misc", "", name));
  const wanted = [first!];
  const onChanged = vi.fn();
  const outlet = new LocalOutlet(
    { agenda, wanted: () => wanted },
    { isHeard: () => false, onChanged, onEvent: vi.fn() },
  );
  outlet.fallBehind();
  attend(agenda);
  for (let turn = 0; turn < 2; turn++) outlet.flush();
  expect(onChanged).toHaveBeenCalledTimes(1);
  wanted.push(second!);
  outlet.added(second!, made(second!.say("add")));
  attend(agenda);
  expect(onChanged).toHaveBeenCalledTimes(2);
});
