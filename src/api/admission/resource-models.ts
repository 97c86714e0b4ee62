// Grades of nodes, by which a cluster's free capacity is counted.
// Upstream: karmada pkg/apis/cluster/{mutation/mutation.go,validation/validation.go}.
import type { ResourceModel } from "../cluster/cluster.ts";
import { type FieldError, invalid } from "#machinery/field-error.ts";
import { isRecord } from "#machinery/guards.ts";
import { compareQuantities, parseQuantity, zeroQuantity } from "#machinery/quantity.ts";
import { mapsIn } from "./edit.ts";

/** The upper bound of the last grade: whatever there is. */
const unbounded = "9223372036854775807";

const cpuBounds = ["0", "1", "2", "4", "8", "16", "32", "64", "128", unbounded] as const;
const memoryBounds = ["0", "4Gi", "16Gi", "32Gi", "64Gi", "128Gi", "256Gi", "512Gi", "1Ti", unbounded] as const;

/** Nine grades, 0 to 8, of CPU and memory. */
export function defaultResourceModels(): ResourceModel[] {
  return cpuBounds.slice(1).map((_bound, grade) => ({
    grade,
    ranges: [
      { name: "cpu", min: cpuBounds[grade] ?? "0", max: cpuBounds[grade + 1] ?? unbounded },
      { name: "memory", min: memoryBounds[grade] ?? "0", max: memoryBounds[grade + 1] ?? unbounded },
    ],
  }));
}

/** In order of their grades, from nothing up to whatever there is. Edits the ranges in place. */
export function standardizeModels(models: readonly unknown[]): unknown[] {
  const sorted = models.toSorted((left, right) => gradeOf(left) - gradeOf(right));
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (isRecord(first)) for (const range of mapsIn(first, "ranges")) range["min"] = "0";
  if (isRecord(last)) for (const range of mapsIn(last, "ranges")) range["max"] = unbounded;
  return sorted;
}

function gradeOf(model: unknown): number {
  const grade = isRecord(model) ? model["grade"] : 0;
  return typeof grade === "number" ? grade : 0;
}

/** The first finding: the next ones would often be its consequences. */
export function validateModels(models: readonly ResourceModel[], path: string): FieldError[] {
  for (const [index, model] of models.entries()) {
    const problem = modelProblem(model, models[index - 1]);
    if (problem !== undefined) return [invalid(path, models, problem)];
  }
  return [];
}

function modelProblem(model: ResourceModel, lower: ResourceModel | undefined): string | undefined {
  if (lower?.grade === model.grade) return "The grade of each models should not be the same";
  if (lower !== undefined && lower.ranges.length !== model.ranges.length) {
    return "The number of resource types should be the same";
  }
  for (const [index, { name, min, max }] of model.ranges.entries()) {
    if (compare(max, min) <= 0) return "The max value of each resource must be greater than the min value";
    const below = lower?.ranges[index];
    if (lower === undefined) {
      if (compareQuantities(parseQuantity(min), zeroQuantity) !== 0) {
        return "The min value of each resource in the first model should be 0";
      }
    } else if (below?.name !== name) {
      return "The resource types of each models should be the same";
    } else if (compare(below.max, min) !== 0) {
      return "Model intervals for resources must be contiguous and non-overlapping";
    }
  }
  return undefined;
}

function compare(left: string | number, right: string | number): number {
  return compareQuantities(parseQuantity(left), parseQuantity(right));
}
