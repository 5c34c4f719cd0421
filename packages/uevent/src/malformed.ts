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
  "no-seqnum-pair": "there is no SEQNUM pair, which udev's readers need",
  "zero-seqnum": "SEQNUM is 0, which udev's readers reject",
  "udev-short": "the datagram is shorter than udev's header",
  "udev-prefix": "the datagram does not begin with libudev",
  "udev-magic": "udev's header has another magic number than 0xfeedcafe",
  "udev-header-size": "udev's header gives another length than 40 for itself",
  "udev-offset": "udev's header says that the properties begin elsewhere than at byte 40",
  "udev-length": "udev's header gives another length than that of the properties",
  "udev-subsystem-hash": "the hash of the subsystem in udev's header is not that of SUBSYSTEM",
  "udev-devtype-hash": "the hash of the devtype in udev's header is not that of DEVTYPE",
  "udev-tag-bloom": "the tag bits in udev's header are not those of TAGS",
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
