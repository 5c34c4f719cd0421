import { spawnSync } from "node:child_process";
import { Broken, text } from "./target.js";

const AT_ONCE = 4000;

/** What TypeScript said of a datagram: the environment of a helper, `KEY=VALUE\0`…; "" if it is no event. */
interface Verdict {
  readonly bytes: Uint8Array;
  readonly said: string;
}

/** Compares what TypeScript says of datagrams with what the agent's C says (native/verdicts), many at once. */
export class Verdicts {
  readonly #waiting: Verdict[] = [];

  /** @throws Broken */
  add(verdict: Verdict): void {
    this.#waiting.push({ ...verdict, bytes: verdict.bytes.slice() });
    if (this.#waiting.length >= AT_ONCE) this.settle();
  }

  /** @throws Broken */
  settle(): void {
    const asked = this.#waiting.splice(0);
    if (asked.length === 0) return;
    const { stdout, status, stderr } = spawnSync(process.env["FUZZ_VERDICTS"] ?? "", {
      input: Buffer.concat(asked.flatMap(({ bytes }) => [lengthOf(bytes), bytes])),
      maxBuffer: 2 ** 30,
    });
    let at = 0;
    for (const { bytes, said } of asked) {
      if (at + 4 > stdout.length) throw new Broken(`the agent's C ended with ${status}: ${stderr.toString()}`, bytes);
      const end = at + 4 + stdout.readUInt32LE(at);
      const other = text(stdout.subarray(at + 4, end));
      if (other !== said)
        throw new Broken(`TypeScript says ${JSON.stringify(said)}, C ${JSON.stringify(other)}`, bytes);
      at = end;
    }
  }
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(Uint32Array.of(bytes.length).buffer);
}
