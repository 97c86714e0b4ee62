// Why an override could not be applied. Thrown by the overriders, caught and turned into a value by applyOverrides.

export class OverrideFailure extends Error {
  override readonly name = "OverrideFailure";
}
