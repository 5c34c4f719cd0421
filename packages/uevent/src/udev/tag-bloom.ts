import { murmurHash2 } from "./murmur-hash.js";

const BITS_EACH = 4;

/** The u64 by which a reader's packet filter passes over messages without its tag: four bits for each tag. */
export function tagBloom(tags: Iterable<string>): bigint {
  let bloom = 0n;
  for (const tag of tags) {
    const hash = murmurHash2(tag);
    for (let i = 0; i < BITS_EACH; i++) bloom |= 1n << BigInt((hash >>> (6 * i)) & 63);
  }
  return bloom;
}

/** The tags of a message, from its TAGS property: `:seat:uaccess:`. */
export function tagsOf(property: string | undefined): readonly string[] {
  return (property ?? "").split(":").filter((tag) => tag !== "");
}
