import { readFileSync } from "node:fs";

import type { ConsumerKind } from "./consumer.js";

/** libudev through Python. */
export const pyudev: ConsumerKind = {
  name: "pyudev",
  debian: "python3-pyudev",
  launch(inside) {
    const { lines } = inside.start("python3", "-c", readFileSync(new URL("pyudev.py", import.meta.url), "utf8"));
    return { heard: () => lines };
  },
};
