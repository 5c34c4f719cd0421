import type { Speaker, Words } from "@uevent-bridge/filter";
import { leastWords, uniteWords } from "@uevent-bridge/filter";

import type { KnownDevice } from "./known-device.js";
import type { Subscriber } from "./selection.js";

/** True if a rule of its picks this device and says `exclusive`, or it is granted so. */
export function claimsItself(subscriber: Subscriber, device: KnownDevice): boolean {
  if (device.granted?.get(subscriber)?.exclusive) return true;
  return device.picks.some(({ allow }) => allow.get(subscriber)?.some(({ words }) => words.exclusive));
}

/** Then it holds the device with what is above. */
export function claimsAbove(subscriber: Subscriber, { parent }: KnownDevice): boolean {
  return parent !== undefined && (claimsItself(subscriber, parent) || claimsAbove(subscriber, parent));
}

/** What the rules by which a container may see a device say together. @throws RuleError POLICY_CONFLICT */
export function wordsFor(subscriber: Subscriber, device: KnownDevice): Words {
  return uniteWords(speakersFor(subscriber, device), device.devpath);
}

/** The same where they contradict each other: nothing is let that one of them does not let. */
export function leastWordsFor(subscriber: Subscriber, device: KnownDevice): Words {
  return leastWords(speakersFor(subscriber, device));
}

function speakersFor(subscriber: Subscriber, device: KnownDevice): readonly Speaker[] {
  const speakers: Speaker[] = [];
  for (let at: KnownDevice | undefined = device; at; at = at.parent) {
    const said: Speaker[] = at.picks.flatMap(({ allow }) => allow.get(subscriber) ?? []);
    const words = at.granted?.get(subscriber);
    if (words) said.push({ text: `grant ${at.devpath}`, words });
    speakers.push(...(at === device ? said : said.map(ofWhatIsBelow)));
  }
  return speakers;
}

/** The nearest that is held, upwards from a device. */
export function heldAt(device: KnownDevice): KnownDevice | undefined {
  for (let at: KnownDevice | undefined = device; at; at = at.parent) if (at.holder !== undefined) return at;
  return undefined;
}

/** The one that holds a device, or something above it; undefined if nobody does. */
export function holderOf(device: KnownDevice): string | undefined {
  return heldAt(device)?.holder || undefined;
}

/** False if somebody else holds a device; if it is to be seen by its holder alone, also while nobody does. */
export function isFreeFor(subscriber: Subscriber, device: KnownDevice, byHolderAlone: boolean): boolean {
  const holder = heldAt(device)?.holder;
  return holder === undefined ? !byHolderAlone : holder === subscriber.claimant?.name;
}

/** What is held above a device, if that is. */
export function heldAbove({ parent }: KnownDevice): string | undefined {
  return parent && heldAt(parent)?.devpath;
}

/** A name is of the device that a rule picks alone. */
function ofWhatIsBelow(speaker: Speaker): Speaker {
  const { as, ...words } = speaker.words;
  return as === undefined ? speaker : { text: speaker.text, words };
}
