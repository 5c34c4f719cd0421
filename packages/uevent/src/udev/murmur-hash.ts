const MULTIPLIER = 0x5bd1e995;
const SHIFT = 24;

/** MurmurHash2 of a latin1 string, u32, as udev computes it on a little-endian machine. */
export function murmurHash2(key: string, seed = 0): number {
  const whole = key.length & ~3;
  let hash = seed ^ key.length;
  for (let at = 0; at < whole; at += 4) {
    hash = Math.imul(hash, MULTIPLIER) ^ mix(numberAt(key, at, 4));
  }
  if (whole < key.length) hash = Math.imul(hash ^ numberAt(key, whole, key.length - whole), MULTIPLIER);
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function mix(word: number): number {
  const product = Math.imul(word, MULTIPLIER);
  return Math.imul(product ^ (product >>> SHIFT), MULTIPLIER);
}

/** Up to four characters as one number, the first one lowest. */
function numberAt(key: string, at: number, count: number): number {
  let word = 0;
  for (let i = count - 1; i >= 0; i--) word = (word << 8) | key.charCodeAt(at + i);
  return word;
}
