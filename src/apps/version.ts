// What this build is: the program's own version and the Kubernetes version that it speaks.
import { readFileSync } from "node:fs";
import { kubernetesVersion } from "#apiserver/kubernetes-version.ts";
import { isRecord, isString } from "#machinery/guards.ts";
import type { VersionInfo } from "#apiserver/options.ts";

/** The version of the package. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return isRecord(manifest) && isString(manifest["version"]) ? manifest["version"] : "0.0.0";
}

/** The answer of `/version`. `suffix` tells what kind of server it is: `karmada`, `simulated`. */
export function serverVersion(suffix: string): VersionInfo {
  return {
    ...kubernetesVersion(`${suffix}-${packageVersion()}`),
    goVersion: `node${process.versions.node}`,
    compiler: "v8",
    platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
  };
}
