import assert from "node:assert/strict";
import { test } from "node:test";
import { parseResourceWords } from "./resource-words.ts";

for (const { args, expected } of [
  { args: ["deploy"], expected: [{ type: "deploy", names: [] }] },
  { args: ["deploy,svc"], expected: ["deploy", "svc"].map((type) => ({ type, names: [] })) },
  { args: ["deploy", "a", "b"], expected: [{ type: "deploy", names: ["a", "b"] }] },
  { args: ["deploy/a", "svc/b"], expected: [["deploy", "a"], ["svc", "b"]].map(([type, name]) => ({ type, names: [name] })) }, // prettier-ignore
]) {
  test(`words: ${args.join(" ")}`, () => {
    assert.deepEqual(parseResourceWords(args), expected);
  });
}

for (const { args, message } of [
  { args: [], message: /you must say which type/ },
  { args: [","], message: /you must say which type/ },
  { args: ["deploy/a", "b"], message: /"b" is not/ },
  { args: ["deploy/a/b"], message: /one slash/ },
]) {
  test(`refused: ${args.join(" ")}`, () => {
    assert.throws(() => parseResourceWords(args), message);
  });
}
