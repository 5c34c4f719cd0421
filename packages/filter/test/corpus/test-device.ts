import { Unread, type Facts } from "@uevent-bridge/filter";

type Strings = ReadonlyMap<string, string>;

/** A device whose facts a test has in its hands. Attributes are unread until `known` is set or names them. */
export class TestDevice implements Facts {
  readonly devpath: string;
  readonly subsystem: string;
  readonly properties: Strings;
  readonly attributes: Strings;
  readonly links: readonly string[];
  readonly tags: readonly string[];
  parent: TestDevice | undefined;
  known: "all" | Set<string> = "all";

  constructor(
    devpath: string,
    subsystem: string,
    facts: Partial<Pick<TestDevice, "attributes" | "links" | "parent" | "properties" | "tags">> = {},
  ) {
    this.devpath = devpath;
    this.subsystem = subsystem;
    this.properties = facts.properties ?? new Map();
    this.attributes = facts.attributes ?? new Map();
    this.links = facts.links ?? [];
    this.tags = facts.tags ?? [];
    this.parent = facts.parent;
  }

  property(key: string): string | undefined {
    return this.properties.get(key);
  }

  attribute(name: string): string | undefined | Unread {
    return this.known === "all" || this.known.has(name) ? this.attributes.get(name) : Unread;
  }
}
