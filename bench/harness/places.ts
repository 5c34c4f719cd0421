import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where run.mjs puts what it makes: this very file, bundled, is there. */
const OUT = dirname(fileURLToPath(import.meta.url));

const ROOT = join(OUT, "../..");

export const inTree = (...parts: readonly string[]): string => join(ROOT, ...parts);

/** A program of bench/native, compiled. */
export const nativeProgram = (name: string): string => join(OUT, "native", name);

/** A program of bench/workers, as JavaScript. */
export const nodeProgram = (name: string): string => join(OUT, "workers", `${name}.js`);
