// How stored objects of a CustomResourceDefinition become those of a served version, and back. Conversion strategy None:
// versions differ in apiVersion and in what their schemas name; Karmada's own kinds are converted in this process; others by
// their webhook. Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go
// (crdConversionRESTOptionsGetter, schemaCoercingDecoder).
import { builtinResolver } from "#api/builtin/index.ts";
import { customConversions } from "#api/conversions.ts";
import type { CustomResourceDefinition } from "#api/kinds.ts";
import type { ConvertObjects, StoredVersion } from "#api/resource.ts";
import { become, type MutableObject } from "#machinery/admission.ts";
import { deepEqual } from "#machinery/equality.ts";
import { createDecoder, type Decoder } from "#machinery/schema-decode.ts";
import type { Schema } from "#machinery/schema.ts";
import { invariant } from "#std/invariant.ts";

type CrdSpec = CustomResourceDefinition["spec"];

/** The schema of a version; a version without one is refused at creation, so none keeps nothing back. */
export function schemaOf(version: CrdSpec["versions"][number]): Schema {
  return version.schema?.openAPIV3Schema ?? { type: "object", "x-kubernetes-preserve-unknown-fields": true };
}

/** For the served version `name` of a definition. `webhook`: who converts its objects, if they are not converted here. */
export function storedVersionOf(
  crd: CustomResourceDefinition,
  name: string,
  webhook: ConvertObjects | undefined,
): StoredVersion {
  const { spec } = crd;
  const decoders = new Map<string, Decoder>();
  const schemas = new Map(spec.versions.map((version) => [version.name, schemaOf(version)]));
  const storage = spec.versions.find((version) => version.storage)?.name ?? name;
  /** Prunes and fills in defaults by a version's schema. A version that is gone keeps what it has. */
  const shape = (object: MutableObject, version: string): void => {
    const schema = schemas.get(version);
    if (schema === undefined) return;
    let decode = decoders.get(version);
    if (decode === undefined) {
      decode = createDecoder(schema, builtinResolver, { custom: true });
      decoders.set(version, decode);
    }
    decode(object);
  };
  const versionOf = (of: string): string => of.slice(spec.group.length + 1);
  const apiVersion = (version: string): string => `${spec.group}/${version}`;
  const conversion = customConversions.get(crd.metadata.name);
  const convert = (object: MutableObject, version: string): void => {
    const wanted = apiVersion(version);
    if (conversion?.versions.includes(object.apiVersion) === true && conversion.versions.includes(wanted)) {
      become(object, conversion.convert(object, wanted));
    }
    object.apiVersion = wanted;
  };
  return {
    apiVersion: apiVersion(storage),
    // Objects are written after their definition; a definition that was changed is newer than what was written before.
    currentSince: Number(crd.metadata.resourceVersion ?? "0"),
    verbatim: storage === name || (webhook === undefined && deepEqual(schemas.get(storage), schemas.get(name))),
    open(object) {
      const written = versionOf(object.apiVersion);
      shape(object, written);
      if (written === name) return;
      invariant(webhook === undefined, "an object that a webhook has to convert was looked at before");
      convert(object, name);
      shape(object, name);
    },
    close(object) {
      if (storage === name) return;
      convert(object, storage);
      shape(object, storage);
    },
    ...(webhook === undefined
      ? {}
      : {
          async convert(objects, wanted) {
            for (const object of objects) shape(object, versionOf(object.apiVersion));
            const converted = await webhook(objects, wanted);
            for (const object of converted) shape(object, versionOf(wanted));
            return converted;
          },
        }),
  };
}
