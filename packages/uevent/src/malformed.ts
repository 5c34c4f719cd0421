/** Every way in which a datagram can be wrong, each with its own words. */
export const MALFORMED_SENTENCES = {
  empty: "the datagram has no bytes",
  "too-long": "the datagram is longer than any that the kernel sends",
  "no-final-nul": "the last byte is not NUL",
  "no-at": "the header has no @",
  "empty-action": "the header has nothing before its @",
  "odd-action": "the action has a character other than a-z, A-Z, 0-9, _ and -",
  "devpath-not-absolute": "the devpath does not begin with /",
  "devpath-empty-segment": "the devpath has an empty segment",
  "devpath-dot-segment": "the devpath has a segment that is . or ..",
  "no-action-pair": "there is no ACTION pair",
  "no-devpath-pair": "there is no DEVPATH pair",
  "no-subsystem-pair": "there is no SUBSYSTEM pair",
  "action-differs": "the ACTION pair differs from the header",
  "devpath-differs": "the DEVPATH pair differs from the header",
  "odd-subsystem": "the subsystem is no file name: it is empty, . or .., or has a /",
  "empty-pair": "there is nothing between two NULs",
  "empty-key": "a pair has nothing before its =",
  "no-equals": "a pair has no =",
  "duplicate-key": "a key occurs twice",
  "bad-seqnum": "SEQNUM is not a decimal number of 64 bits",
} as const;

export type MalformedReason = keyof typeof MALFORMED_SENTENCES;

/** A datagram that is none. `offset` is the byte, counted from its start, where that shows. */
export interface Malformed {
  readonly malformed: MalformedReason;
  readonly offset: number;
}

export function malformed(reason: MalformedReason, offset: number): Malformed {
  return { malformed: reason, offset };
}

/** True if decoding gave no value but the reason why there is none. */
export function isMalformed(result: object | undefined): result is Malformed {
  return result !== undefined && "malformed" in result;
}

/** One sentence for people: what is wrong, and at which byte. */
export function describeMalformed({ malformed: reason, offset }: Malformed): string {
  return `${MALFORMED_SENTENCES[reason]} (byte ${offset})`;
}
