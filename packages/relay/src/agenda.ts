import type { Outlet } from "./outlet.js";

/** Lets outlets that have something to do go on, until none has. */
export function attend(agenda: Set<Outlet>): void {
  for (const outlet of agenda) {
    agenda.delete(outlet);
    outlet.flush();
    if (outlet.behind) outlet.catchUp();
  }
}
