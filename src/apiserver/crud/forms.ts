// The ResourceForm of each resource, made once and forgotten with it.
import type { Resource } from "#api/resource.ts";
import { ResourceForm } from "./resource-form.ts";

export class Forms {
  readonly #forms = new WeakMap<Resource, ResourceForm>();

  of(resource: Resource): ResourceForm {
    let form = this.#forms.get(resource);
    if (form === undefined) {
      form = new ResourceForm(resource);
      this.#forms.set(resource, form);
    }
    return form;
  }
}
