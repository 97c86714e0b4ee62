// The Kubernetes version that the API server speaks. Upstream: k8s.io/component-base/version.
import type { VersionInfo } from "./options.ts";

const minor = "36";

/** The answer of `/version` without what only the process knows. `build` is semver build metadata: `karmada-0.1.0`. */
export function kubernetesVersion(build: string): VersionInfo {
  return {
    major: "1",
    minor,
    gitVersion: `v1.${minor}.0+${build}`,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "2026-11-24T00:00:00Z",
    goVersion: "",
    compiler: "",
    platform: "",
  };
}
