// Which lists, maps and structs of a value can only be replaced as a whole.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch/smd.go (findAtomics).
import { isArray, isRecord } from "../guards.ts";
import { type MergeType, shapeOf } from "./merge-type.ts";

/** Their paths: `.spec.args`. Fields that no schema declares are not looked at. */
export function atomicPaths(type: MergeType, value: unknown, path = ""): readonly string[] {
  const shape = shapeOf(type, value);
  if (shape === "map" && type.map !== undefined && isRecord(value)) {
    const { map } = type;
    const below = Object.entries(value).flatMap(([name, item]) => {
      const declared = map.declared(name);
      return declared === undefined ? [] : atomicPaths(declared, item, `${path}.${name}`);
    });
    return map.atomic ? [path, ...below] : below;
  }
  if (shape !== "list" || type.list === undefined || !isArray(value)) return [];
  const { items, atomic } = type.list;
  const below = value.flatMap((item, index) => atomicPaths(items, item, `${path}[${String(index)}]`));
  return atomic ? [path, ...below] : below;
}
