// The runner's own spec reporter, with failures only plus one line per file, and the ten slowest tests before its summary.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { spec as Spec } from "node:test/reporters";
import type { TestEvent } from "node:test/reporters";

interface Timed {
  readonly name: string;
  readonly milliseconds: number;
}

const slowestShown = 10;

/** Events in, text out. `KARMADA_TEST_TIMES` names the file in which one run tells the next its slowest tests. */
async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const inner = new Spec();
  const timed: Timed[] = readTimes();
  let closing = false;
  inner.setEncoding("utf8");
  for await (const event of source) {
    if (event.type === "test:pass" || event.type === "test:fail") {
      timed.push({
        name: `${where(event.data.file)}: ${event.data.name}`,
        milliseconds: event.data.details.duration_ms,
      });
    }
    if (
      !closing &&
      event.type === "test:diagnostic" &&
      event.data.nesting === 0 &&
      /^tests \d+/.test(event.data.message)
    ) {
      closing = true;
      yield slowest(timed);
    }
    inner.write(event);
    for (let text: unknown = inner.read(); typeof text === "string"; text = inner.read()) yield text;
  }
  inner.end();
  for await (const text of inner) yield String(text);
  writeTimes(timed);
}

function slowest(timed: readonly Timed[]): string {
  const rows = [...timed].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, slowestShown);
  return `the slowest tests:\n${rows.map((row) => `  ${(row.milliseconds / 1000).toFixed(2)} s  ${row.name}\n`).join("")}`;
}

function where(file: string | undefined): string {
  return file === undefined ? "" : path.relative(path.join(import.meta.dirname, ".."), file);
}

function readTimes(): Timed[] {
  const file = process.env["KARMADA_TEST_TIMES"];
  if (file === undefined) return [];
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    return Array.isArray(parsed) ? parsed.filter(isTimed) : [];
  } catch {
    return [];
  }
}

function isTimed(value: unknown): value is Timed {
  return typeof value === "object" && value !== null && "name" in value && "milliseconds" in value;
}

function writeTimes(timed: readonly Timed[]): void {
  const file = process.env["KARMADA_TEST_TIMES"];
  if (file === undefined) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(
    file,
    JSON.stringify([...timed].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, slowestShown)),
  );
}

// The runner loads a reporter by its default export; nothing else in the house has one.
export { report as default };
