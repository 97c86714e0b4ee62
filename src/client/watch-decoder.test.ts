import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigMapKind } from "./testing.ts";
import { decodeWatchEvent, LineSplitter } from "./watch-decoder.ts";

test("watch decoder: lines come out whole however the bytes are cut", () => {
  const line = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("\n"));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat({ max: 20 })), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""));
      const splitter = new LineSplitter();
      const found: string[] = [];
      let start = 0;
      for (const cut of [...cuts, bytes.length]) {
        found.push(...splitter.push(bytes.subarray(start, start + cut)));
        start = Math.min(bytes.length, start + cut);
      }
      assert.deepEqual(found, lines);
    }),
  );
});

for (const line of [
  "",
  "null",
  "[]",
  "{}",
  `{"type":"ADDED"}`,
  `{"type":"BOOKMARK","object":{}}`,
  `{"type":"NEW","object":{}}`,
]) {
  test(`watch decoder: refuses ${line === "" ? "nothing" : line}`, () => {
    assert.throws(() => decodeWatchEvent(ConfigMapKind, line), {
      reason: "InternalError",
      message: `unable to decode an event from the watch stream: ${line}`,
    });
  });
}
