/** One byte for each character, so that a test can say any byte: `"\xff"`. */
export function toBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** A datagram in the kernel's form: the header, then each pair, each with a NUL. */
export function compose(action: string, devpath: string, pairs: readonly string[]): Uint8Array {
  return toBytes([`${action}@${devpath}`, `ACTION=${action}`, `DEVPATH=${devpath}`, ...pairs, ""].join("\0"));
}
