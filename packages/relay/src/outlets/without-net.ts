import type { View } from "../view.js";

/** For those to whom their own kernel tells of the net devices of its namespace. */
export function withoutNet(view: View): View {
  return { ...view, wanted: () => [...view.wanted()].filter(({ netns }) => netns === undefined) };
}
