import { run } from "../cli.js";

interface Found {
  readonly code: string;
  readonly level: string;
  readonly message: string;
}

/** What the command finds of a container: the message of each code. */
export async function doctor(pid: number): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await run("doctor", "--pid", `${pid}`, "--json");
  return new Map(parse(stdout).map(({ code, message }) => [code, message]));
}

function parse(stdout: string): readonly Found[] {
  const lines = stdout.trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Found);
}

/** The codes alone. */
export const codesIn = async ({ pid }: { readonly pid: number }): Promise<readonly string[]> => [
  ...(await doctor(pid)).keys(),
];

/** The codes in what was printed. */
export const codesOf = (stdout: string): readonly string[] => parse(stdout).map(({ code }) => code);
