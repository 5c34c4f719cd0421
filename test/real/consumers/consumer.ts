import type { Inside } from "../inside/inside.js";
import { until } from "../listener.js";

/** A program in a container that hears its uevents. */
export interface Consumer {
  /** `ACTION@DEVPATH` of each event that it showed, in its order. */
  heard(): readonly string[];
}

/** How one kind of it is started. */
export interface ConsumerKind {
  readonly name: string;
  /** The Debian package that brings it. */
  readonly debian: string;
  /** Starts it; it need not listen yet. */
  readonly launch: (inside: Inside) => Consumer;
}

/** Starts a consumer and resolves when it listens. */
export async function startConsumer(kind: ConsumerKind, inside: Inside): Promise<Consumer> {
  const before = inside.readers();
  const consumer = kind.launch(inside);
  await until(() => inside.readers() > before, `${kind.name} listens`);
  return consumer;
}
