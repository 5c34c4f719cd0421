import type { ConsumerKind } from "./consumer.js";

/** libudev through Python. */
export const pyudev: ConsumerKind = {
  name: "pyudev",
  debian: "python3-pyudev",
  launch(inside) {
    const { lines } = inside.startPython(new URL("pyudev.py", import.meta.url));
    return { heard: () => lines };
  },
};
