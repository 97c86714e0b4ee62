// The events of a watch for a reader in the same process: nothing is encoded, and no byte is copied.
import type { ApiError } from "#machinery/api-error.ts";
import type { KeptEvent } from "#machinery/http.ts";
import type { StoredEntry, StoredEvent } from "#storage/storage.ts";
import { keptItem } from "../crud/kept.ts";
import type { ResourceForm } from "../crud/resource-form.ts";
import type { Change } from "./encode.ts";

/** Makes the events of one watch. */
export class KeptEncoder {
  readonly #form: ResourceForm;

  constructor(form: ResourceForm) {
    this.#form = form;
  }

  initial(entry: StoredEntry): KeptEvent {
    return { type: "ADDED", ...keptItem(this.#form, entry) };
  }

  change(_event: StoredEvent, { type, entry, revision }: Change): KeptEvent {
    return { type, ...keptItem(this.#form, entry, revision) };
  }

  bookmark(revision: number): KeptEvent {
    return { type: "BOOKMARK", revision };
  }

  failure(error: ApiError): never {
    throw error;
  }
}
