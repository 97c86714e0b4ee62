// What fieldOverriders have made of documents lately. To read and write a document takes milliseconds, and one rule is
// applied to the same document for each of many clusters, and again whenever the binding is looked at.
import type { FieldOverrider } from "#api/policy/override-policy.ts";
import { RecentCache } from "#std/recent-cache.ts";

/** Of the results that are kept; as in the cache, twice that at most. */
const resultCharactersMax = 4_194_304;

/** Overriders count by identity: those of a policy in a local copy are the same objects until the policy changes. */
export class DocumentMemo {
  readonly #byText = new RecentCache<string, WeakMap<FieldOverrider, string>>(resultCharactersMax);

  /** What `patch` makes of the text, or made of it before. */
  patched(text: string, overrider: FieldOverrider, patch: () => string): string {
    const known = this.#byText.get(text, text.length);
    const result = known?.get(overrider);
    if (result !== undefined) return result;
    const fresh = patch();
    const results = known ?? new WeakMap<FieldOverrider, string>();
    results.set(overrider, fresh);
    this.#byText.set(text, results, text.length + fresh.length);
    return fresh;
  }
}
