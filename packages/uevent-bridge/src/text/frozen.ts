/** Of a container that a relay has frozen. */
export function standsStill(name: string): string {
  return `all programs of ${name} stand still`;
}

/** The same, where it is not this command that froze it. */
export function stoodStill(name: string): string {
  return `${standsStill(name)} since a revoke --open freeze`;
}

/** What helps. */
export function letGoOn(name: string): string {
  return `To let them go on: uevent-bridge thaw ${name}`;
}
