import type { Facts, Unread } from "../facts.js";
import type { Pattern } from "../pattern.js";
import type { Piece } from "../piece.js";
import type { Rule } from "../rule.js";

/** One row of the table of terms: parser, formatter, matcher and the nearest word all follow from it. */
export interface Term {
  /** The field of a Rule, and the word in the text. */
  readonly name: keyof Rule;
  readonly role: "place" | "kind" | "preset" | "word";
  /**
   * How it is written: `path` `/devices/…`, `value` `name=VALUE`, `keyed` `name:KEY=VALUE`, `flag` `name`,
   * `list` `name=VALUE` as often as there are values.
   */
  readonly form: "path" | "value" | "keyed" | "flag" | "list";
  /** `subsystem=PATTERN`, for messages. */
  readonly usage: string;
  /** What people who come from udev type for it. */
  readonly also?: readonly string[];
  /** What its value looks like when it stands alone, if nothing else looks so. */
  readonly shape?: RegExp;
  /** The field's value. @throws RuleError that says what would be right */
  read(value: Piece, key: Piece | undefined): unknown;
  /** The text of a field's value; undefined if the value has a type that the field cannot have. */
  write(value: unknown): string | undefined;
  readonly look?: Look;
}

/** What a place or a kind sees of a device. */
export interface Look {
  /** The key and the pattern of a condition, if they are not those of the text. */
  split?(value: string): { readonly key: string; readonly pattern: Pattern };
  /** The values of which one must match. */
  values(device: Facts, key: string): Values;
  /** The only keys under which this device can have values, where the device itself knows them. */
  keysOf?(device: Facts): readonly string[];
  /** The sysfs attribute that `values` reads. */
  attribute?(key: string): string | undefined;
  needsUdev?(key: string): boolean;
  /** True if the devpath alone decides. */
  readonly ofPath?: true;
  /** How many devices of a machine share a value: 0 one, 1 a few, 2 many. */
  readonly shared: 0 | 1 | 2;
}

export type Values = string | readonly string[] | undefined | Unread;
