// What a simulated node makes of images and commands: nothing is pulled and nothing runs, but users can have both fail.
import type { Container } from "#api/generated/types.ts";

/**
 * Images that cannot be pulled: none at all, those whose first path element is `fake`, and those with an element or
 * tag `missing`. All others are taken to exist.
 */
export function isUnpullable(image: string | undefined): boolean {
  if (image === undefined || image === "") return true;
  const parts = image.split(/[/:@]/);
  return parts[0] === "fake" || parts.includes("missing");
}

/** The exit code that a command plainly asks for: `false` is 1, `sh -c "exit 3"` is 3; everything else succeeds. */
export function failingExitCode({ command = [], args = [] }: Container): number {
  const line = [...command, ...args].join(" ");
  if (/(^|[\s/;&])false\s*$/.test(line)) return 1;
  const code = /\bexit\s+(\d{1,3})\s*$/.exec(line)?.[1];
  return code === undefined ? 0 : Number(code) % 256;
}
