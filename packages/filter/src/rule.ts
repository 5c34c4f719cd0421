/** A rule as text or as an object. A value from outside (a serial number, a label) goes through `literal` into an object, never into a text. */
export type RuleLike = string | Rule;

/** What a container may see: covered by an allow rule and by no deny rule. Nothing allowed, nothing seen. */
export interface Policy {
  readonly allow?: readonly RuleLike[];
  readonly deny?: readonly RuleLike[];
}

/**
 * One rule. Each field is one term, all of them must hold.
 * Patterns are written as in the text, escapes included: a field's value is what stands behind its "=".
 */
export type Rule = Places & Kinds & Words & { readonly preset?: string };

/** Terms that hold for a device when they hold for it or for one of its ancestors. */
export interface Places {
  /** `/devices/…`, with globs inside a segment and `**` as a segment. */
  readonly path?: string;
  /** `VID:PID` or `VID:PID:SERIAL`: hex digits or `*`, then a pattern. */
  readonly usb?: string;
  readonly port?: string;
  readonly pci?: string;
  readonly driver?: string;
}

/** Terms that hold for the device itself. */
export interface Kinds {
  readonly subsystem?: string;
  readonly devtype?: string;
  readonly devname?: string;
  readonly devlink?: string;
  readonly sysname?: string;
  readonly tag?: string;
  /** From the name of a sysfs attribute to a pattern. */
  readonly attr?: Readonly<Record<string, string>>;
  /** From the name of a property to a pattern. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What an allow rule gives beside visibility. */
export interface Words {
  readonly access?: Access;
  readonly exclusive?: boolean;
  readonly required?: boolean;
  /** The name in the container's `/dev`. */
  readonly as?: string;
  /** Permission bits, 0 to 0o777. */
  readonly mode?: number;
  /** Ids as the container sees them. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Attributes that the container may write. */
  readonly sysfs?: readonly string[];
}

export type Access = "r" | "w" | "rw" | "rwm";
