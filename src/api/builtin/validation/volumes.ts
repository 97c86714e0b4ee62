// Checks of volumes. Upstream: k8s.io/kubernetes/pkg/apis/core/validation/validation.go.
import { duplicate, type FieldError, forbidden, required } from "#machinery/field-error.ts";
import { dns1123LabelErrors } from "#machinery/names.ts";
import { childOf, type Fields, itemsOf, textOf } from "../access.ts";
import { needed, neededName } from "./checks.ts";

/** What a source cannot do without. */
const neededFields: Readonly<Record<string, readonly string[]>> = {
  hostPath: ["path"],
  secret: ["secretName"],
  configMap: ["name"],
  persistentVolumeClaim: ["claimName"],
  nfs: ["server", "path"],
  csi: ["driver"],
  iscsi: ["targetPortal", "iqn"],
  gcePersistentDisk: ["pdName"],
  awsElasticBlockStore: ["volumeID"],
};

/** The volumes of a pod spec. */
export function volumeErrors(spec: Readonly<Fields>, path: string): FieldError[] {
  const names = new Set<string>();
  return itemsOf(spec, "volumes").flatMap((volume, index) => {
    const at = `${path}.volumes[${String(index)}]`;
    const errors = neededName(volume, "name", at, dns1123LabelErrors);
    const name = textOf(volume, "name");
    if (name !== "" && names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    const sources = Object.keys(volume).filter((key) => key !== "name");
    return [...errors, ...sourceErrors(volume, sources, at)];
  });
}

/** Exactly one of the sources that `holder` may have. */
export function sourceErrors(holder: Readonly<Fields>, sources: readonly string[], path: string): FieldError[] {
  const [first, ...others] = sources;
  if (first === undefined) return [required(path, "must specify a volume type")];
  return [
    ...others.map((extra) => forbidden(`${path}.${extra}`, "may not specify more than 1 volume type")),
    ...(neededFields[first] ?? []).flatMap((field) => needed(childOf(holder, first), field, `${path}.${first}`)),
  ];
}

/** Names that containers can mount. */
export function volumeNames(spec: Readonly<Fields>): ReadonlySet<string> {
  return new Set(itemsOf(spec, "volumes").map((volume) => textOf(volume, "name")));
}
