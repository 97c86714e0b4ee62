// Field sets and their texts, each made from the other once: objects of one shape have the same sets, and most writes change
// none of them. Bounded by size.
import { RecentCache } from "#std/recent-cache.ts";
import { deepFreeze } from "../equality.ts";
import { isRecord } from "../guards.ts";
import { parseJson } from "../json.ts";
import { type FieldSet, leaf } from "./field-set.ts";

/** Sets of at least so many characters are kept, of at most twice as many. As objects they take several times as much. */
const textLengthMax = 256 * 1024;

export class FieldSetTexts {
  readonly #sets = new RecentCache<string, FieldSet>(textLengthMax);
  readonly #texts = new WeakMap<FieldSet, string>();

  /** The set of a text as `textOf` makes it. */
  setOf(text: string): FieldSet {
    const known = this.#sets.get(text, text.length);
    if (known !== undefined) return known;
    const value = parseJson(text);
    const set = isFieldSet(value) ? deepFreeze(value) : leaf;
    this.#remember(set, text);
    return set;
  }

  textOf(set: FieldSet): string {
    const known = this.#texts.get(set);
    if (known !== undefined) return known;
    const text = JSON.stringify(set);
    // Objects that are created bring sets of their own: one of each text is enough.
    if (this.#sets.get(text, text.length) === undefined) this.#remember(set, text);
    return text;
  }

  #remember(set: FieldSet, text: string): void {
    this.#sets.set(text, set, text.length);
    if (set !== leaf) this.#texts.set(set, text);
  }
}

function isFieldSet(value: unknown): value is FieldSet {
  return isRecord(value);
}
