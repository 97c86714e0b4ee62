// The ResourceForm of each resource, made once and forgotten with it.
import type { Resource } from "#api/resource.ts";
import { FieldSetTexts } from "#machinery/fields/field-set-texts.ts";
import { ResourceForm } from "./resource-form.ts";

export class Forms {
  readonly #forms = new WeakMap<Resource, ResourceForm>();
  readonly #fieldSets = new FieldSetTexts();

  of(resource: Resource): ResourceForm {
    let form = this.#forms.get(resource);
    if (form === undefined) {
      form = new ResourceForm(resource, this.#fieldSets);
      this.#forms.set(resource, form);
    }
    return form;
  }
}
