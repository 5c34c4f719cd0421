import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import type { Ledger, LedgerEntry } from "../../ledger.js";
import { SENT_BYTES } from "../../ledger.js";
import { connect, fill, stage } from "./lines.js";
import { bytes, need, text } from "./tools.js";
import type { World } from "./world.js";

/** The promises of `Ledger`, and of a `Sender` that writes into one. */
export function ledgerCases(world: () => World): void {
  test("what is sent is written down, among the records and in order", async (context) => {
    const [a, b] = await connect(context, world(), 2);
    const { ledger } = openNew(context, world());
    const sender = world().kernel.openSender();
    ledger.write(bytes("one"));
    stage(sender, "SEQNUM=");
    sender.push(a.peer, 7, { ledger, outlet: 1, seq: 7, note: 3, at: 11 });
    sender.push(b.peer, undefined, { ledger, outlet: 2, seq: 4_294_967_296, note: -5, at: 4_294_967_297 });
    sender.push(b.peer, 1);
    sender.flush();
    ledger.write(bytes("a record of other lengths"));
    expect(said(ledger.read())).toEqual([
      "one",
      { outlet: 1, seq: 7, note: 3, at: 11 },
      { outlet: 2, seq: 4_294_967_296, note: -5, at: 4_294_967_297 },
      "a record of other lengths",
    ]);
  });

  test("what is not sent is not, and comes back with its mark", async (context) => {
    const [full, other] = await connect(context, world(), 2);
    const { ledger } = openNew(context, world());
    fill(world(), full.peer);
    const sender = world().kernel.openSender();
    stage(sender, "x");
    const mark = { ledger, outlet: 1, seq: 1, note: 1, at: 0 };
    sender.push(full.peer, undefined, mark);
    sender.push(other.peer, undefined, { ...mark, outlet: 2 });
    sender.push(full.peer, undefined, { ...mark, seq: 2 });
    expect(sender.flush()).toMatchObject([{ mark }, { mark: { ...mark, seq: 2 } }]);
    expect(said(ledger.read())).toEqual([{ outlet: 2, seq: 1, note: 1, at: 0 }]);
  });

  test("who opens it next finds the base and what followed", (context) => {
    const { ledger, path } = openNew(context, world());
    ledger.begin(bytes("base"));
    ledger.write(bytes("record"));
    ledger.close(true);
    const next = open(world(), path);
    expect(textOf(next)).toEqual(["base", "record"]);
    next.begin(bytes("another"));
    next.close(true);
    expect(textOf(open(world(), path))).toEqual(["another"]);
  });

  test("closed for good it leaves nothing", (context) => {
    const { ledger, path } = openNew(context, world());
    ledger.close(false);
    expect(open(world(), path).before).toBeUndefined();
  });

  test("one has it at a time", (context) => {
    const { ledger, path } = openNew(context, world());
    expect(() => world().kernel.openLedger(path)).toThrow(expect.objectContaining({ code: "PATH_UNUSABLE" }));
    ledger.close(true);
    open(world(), path);
  });

  test("it has as much room as is asked for, and each entry takes as much as it is said to", async (context) => {
    const [{ peer }] = await connect(context, world(), 1);
    const { ledger } = openNew(context, world());
    const room = 1_000_000;
    ledger.begin(bytes("base"), room);
    expect(ledger.room).toBeGreaterThanOrEqual(room);
    const before = ledger.room;
    ledger.write(new Uint8Array(100));
    expect(before - ledger.room).toBeLessThanOrEqual(116);
    const between = ledger.room;
    const sender = world().kernel.openSender();
    stage(sender, "x");
    sender.push(peer, undefined, { ledger, outlet: 1, seq: 1, note: 1, at: 0 });
    sender.flush();
    expect(between - ledger.room).toBeLessThanOrEqual(SENT_BYTES);
  });

  test("beyond its room nothing is written down until it begins anew, and it says so", (context) => {
    const { ledger } = openNew(context, world());
    ledger.write(new Uint8Array(ledger.room));
    expect(ledger.read()).toBeUndefined();
    ledger.write(bytes("x"));
    expect(ledger.read()).toBeUndefined();
    ledger.begin(bytes("base"));
    ledger.write(bytes("y"));
    expect(said(ledger.read())).toEqual(["y"]);
  });
}

function openNew(context: TestContext, world: World): { readonly ledger: Ledger; readonly path: string } {
  const path = `${need(context, world.directory).path}.told/box`;
  const ledger = open(world, path);
  ledger.begin(bytes("first"));
  return { ledger, path };
}

function open(world: World, path: string): Ledger {
  const ledger = world.kernel.openLedger(path);
  onTestFinished(() => ledger.close(false));
  return ledger;
}

/** Records as text. */
function said(entries: readonly LedgerEntry[] | undefined): readonly unknown[] | undefined {
  return entries?.map((entry) => (entry instanceof Uint8Array ? text(entry) : entry));
}

function textOf({ before }: Ledger): readonly unknown[] | undefined {
  return before && before !== "damaged" ? [text(before.base), ...(said(before.entries) ?? [])] : undefined;
}
