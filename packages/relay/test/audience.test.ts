import type { Reader } from "@uevent-bridge/kernel";
import { expect, test, vi } from "vitest";

import type { Account } from "../src/account.js";
import { existence } from "../src/concern.js";
import { KnownDevice } from "../src/known-device.js";
import { DEFAULT_LIMITS } from "../src/limits.js";
import { Audience } from "../src/outlets/audience.js";

const [A, B] = ["/devices/a", "/devices/b"].map((path) => existence(new KnownDevice(path, "misc", "", path)));

/** Who reads, by one reader that has read everything, and what is written down of them. */
function begin(before?: Account["before"]) {
  const readers: Reader[] = [{ inode: 1, rmem: 0, drops: 0 }];
  const caughtUp = vi.fn<Account["caughtUp"]>();
  const audience = new Audience({
    injector: { readers: () => readers },
    limits: { ...DEFAULT_LIMITS, readerBytes: 100_000 },
    account: { before, caughtUp } as unknown as Account,
  });
  const change = (reader: Partial<Reader>): void => void (readers[0] = { ...readers[0]!, ...reader });
  return { audience, readers, caughtUp, change };
}

const known = { seq: 1, told: [], unread: [], at: 0, readers: [{ inode: 1, drops: 0 }] };

test("who reads is written down at once, and by the next relay when something was said", () => {
  expect(begin().caughtUp).toHaveBeenCalledExactlyOnceWith([{ inode: 1, drops: 0 }]);
  expect(begin(known).caughtUp).not.toHaveBeenCalled();
});

test("that all was read is written down once for all that was said, and only when all was", () => {
  const { audience, caughtUp, change, readers } = begin();
  const isWritten = (isAll: boolean): boolean => {
    caughtUp.mockClear();
    audience.look(isAll);
    return caughtUp.mock.calls.length > 0;
  };
  expect(isWritten(true)).toBe(false);
  audience.remember({ concern: A });
  expect(isWritten(false)).toBe(false);
  change({ rmem: 100 });
  expect(isWritten(true)).toBe(false);
  change({ rmem: 0 });
  readers.push({ inode: 2, rmem: 0, drops: 0 });
  expect(isWritten(true)).toBe(false); // the new one knows nothing yet
  expect([isWritten(true), isWritten(true)]).toEqual([true, false]);
  change({ drops: 1 });
  expect([isWritten(true), isWritten(true), isWritten(true)]).toEqual([false, true, false]);
});

test("who loses something may not know what was said since all had read all, and nothing else", () => {
  const { audience, change } = begin();
  audience.remember({ concern: A });
  audience.look(true);
  audience.remember({ concern: B });
  change({ drops: 2 });
  expect(audience.look(true)).toEqual({ someoneNew: false, lost: 2, doubted: [B] });
  change({ drops: 3 });
  expect(audience.look(true)).toEqual({ someoneNew: false, lost: 1, doubted: [] });
});

test("they are trusted with less once one has lost something, and with more while they keep up", () => {
  const { audience, change } = begin();
  const room = (): number => {
    let count = 0;
    for (audience.look(true); audience.hasRoom; count++) audience.charge(new Uint8Array(100));
    return count;
  };
  const first = room();
  change({ drops: 1 });
  const then = room();
  expect([first, then]).toEqual([131, 66]);
  for (let times = 0; times < 10; times++) room();
  expect(room()).toBeGreaterThan(then);
  change({ rmem: 90_000 });
  expect(room()).toBe(0);
});
