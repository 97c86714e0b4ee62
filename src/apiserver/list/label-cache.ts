// The labels of stored values, so that lists by label need not parse whole objects: metadata is a small part of them.
import { fieldOf, isStringMap } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import type { Labels } from "#machinery/selectors.ts";
import { RecentCache } from "#std/recent-cache.ts";
import { metadataBytes } from "../crud/stored-form.ts";

/** At least the labels of so many objects are kept, at most of twice as many. */
const labelledObjectsMax = 32_768;

const noLabels: Labels = Object.freeze({});
const open = Buffer.from("{");

export class LabelCache {
  readonly #labels = new RecentCache<Uint8Array, Labels>(labelledObjectsMax);

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
  const bytes = metadataBytes(value);
  // Most objects that are asked about have labels, but many do not, and a look for the word is cheap.
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('"labels":{')) return noLabels;
  const labels = fieldOf(parseJson(Buffer.concat([open, bytes])), "labels");
  return isStringMap(labels) ? labels : noLabels;
}
