import type { Container, Explanation, Relay } from "@uevent-bridge/relay";

/** That there is a device which the rules pick and the container does not see, and why; undefined if there is none. */
export async function unseenOf(
  rules: readonly string[],
  container: Container,
  relay: Relay,
): Promise<string | undefined> {
  const [device] = rules.length > 0 ? await relay.devices({ allow: rules }) : [];
  if (!device) return undefined;
  const why = describe(await container.explain(device.devpath), container.name);
  return why && `${device.devpath} is there, ${why}`;
}

function describe({ reason, rule = "" }: Explanation, name: string): string | undefined {
  if (reason === "no-rule") return `and no rule of ${name} lets it in`;
  if (reason === "denied") return `and the rule ${rule} of ${name} denies it`;
  if (reason === "other-netns") return "in another network namespace";
  return undefined;
}
