// Every name of the list is the title of a test here, or stands in docs/conformance.md with the reason why it is not.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { apiMachinery, apps } from "./names.ts";

const root = join(import.meta.dirname, "..", "..");

/** Titles as they stand in the sources; where a title is made in a loop, what stands for its changing part may be any text. */
function titles(): readonly RegExp[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(".test.ts"))
    .flatMap((file) => {
      const source = readFileSync(join(import.meta.dirname, file), "utf8");
      const found = source.matchAll(/^\s*(?:test\(\s*|\{?\s*title:\s+)(?:"([^"]+)"|`([^`]+)`)/gm);
      return [...found].map(([, plain, made]) => {
        const parts = (plain ?? made ?? "").split(/\$\{[^}]*\}/);
        return new RegExp(`^${parts.map((part) => RegExp.escape(part)).join(".+")}$`);
      });
    });
}

/** Rows of the document's table that say why not. */
function reasons(): ReadonlyMap<string, string> {
  const document = readFileSync(join(root, "docs", "conformance.md"), "utf8");
  const rows = [...document.matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)].slice(2);
  return new Map(rows.map(([, name = "", reason = ""]) => [name, reason]));
}

test("every conformance name has a test or a reason", () => {
  const names = [...apiMachinery, ...apps];
  const [known, why] = [titles(), reasons()];
  const isShown = (name: string): boolean => known.some((title) => title.test(name));
  const open = names.filter((name) => !isShown(name) && !why.has(name));
  assert.deepEqual(open, [], "neither a test nor a reason");
  const stale = [...why.keys()].filter((name) => !names.includes(name) || isShown(name));
  assert.deepEqual(stale, [], "a reason for what has a test, or is no name of the list");
});
