import { expect, test } from "vitest";

import type { SlackReport } from "../report.js";

export function testSlack(report: () => SlackReport): void {
  test.each([
    ["a USB stick", "stick", { read: 0, held: "kept", closed: "given to the next" }],
    ["a SCSI disk", "disk", { read: 0, held: "kept", closed: "given to the next" }],
    ["a keyboard", "keyboard", { read: "ENODEV", held: "given to the next", closed: "given to the next" }],
    ["a USB serial adapter", "serial", { read: 0, held: "kept", closed: "given to the next" }],
  ] as const)(
    "of %s the descriptor that a program has is of no use, and its number is as the docs say",
    (_, kind, slack) => {
      expect(report()[kind]).toEqual(slack);
    },
  );
}
