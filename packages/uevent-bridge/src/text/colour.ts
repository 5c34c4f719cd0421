const CODES = { green: 32, red: 31, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const;

export type Colour = keyof typeof CODES;

/** Paints a text, or leaves it alone where colour is not wanted. */
export type Paint = (colour: Colour, text: string) => string;

const plain: Paint = (_colour, text) => text;
const ansi: Paint = (colour, text) => `\x1b[${CODES[colour]}m${text}\x1b[0m`;

/** How to paint for an output. */
export function painter(output: { readonly colour: boolean }): Paint {
  return output.colour ? ansi : plain;
}
