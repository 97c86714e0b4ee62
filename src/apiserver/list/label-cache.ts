// The labels of stored values, so that lists by label need not parse whole objects: metadata is a small part of them.
import { fieldOf, isStringMap } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import type { Labels } from "#machinery/selectors.ts";
import { metadataBytes } from "../crud/stored-form.ts";

const noLabels: Labels = Object.freeze({});
const open = Buffer.from("{");

/** Keyed by the stored bytes and gone with them: it holds a small part of what the storage holds, and nothing longer. */
export class LabelCache {
  readonly #labels = new WeakMap<Uint8Array, Labels>();

  /** The labels in a stored value. */
  of(value: Uint8Array): Labels {
    let labels = this.#labels.get(value);
    if (labels === undefined) {
      labels = readLabels(value);
      this.#labels.set(value, labels);
    }
    return labels;
  }
}

function readLabels(value: Uint8Array): Labels {
  const bytes = metadataBytes(value, true);
  // Many objects have none, and a look for the word is cheap.
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('"labels":{')) return noLabels;
  const labels = fieldOf(parseJson(Buffer.concat([open, bytes])), "labels");
  return isStringMap(labels) ? labels : noLabels;
}
