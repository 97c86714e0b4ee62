// Installs Karmada's kinds into an API server, ours or a foreign one, and brings older ones up to date.
import { crdOf } from "#api/crd.ts";
import { karmadaKinds } from "#api/karmada.ts";
import { karmadaLabels, karmadaNamespaces, karmadaValues } from "#api/karmada-constants.ts";
import { CustomResourceDefinition, Namespace } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { ApiError, isApiError } from "#machinery/api-error.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import { safeHash } from "#machinery/hash.ts";
import type { Clock } from "#std/time.ts";

const establishedWaitMilliseconds = 30_000;
const pollMilliseconds = 10;
/** Holds a hash of what was installed, so that a restart compares instead of writing. */
const sourceAnnotation = "karmada.io/installed-spec-hash";

export interface InstallKindsOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether the server converts bindings between their versions, as ours does. Elsewhere what is served stays served. */
  readonly converts?: boolean;
}

/** Resolves when all kinds are served. */
export async function installKinds(
  client: Client,
  { clock, signal, converts = false }: InstallKindsOptions,
): Promise<void> {
  const { items } = await client.list(CustomResourceDefinition, { signal });
  const existing = new Map(items.map((item) => [item.metadata.name, item]));
  await Promise.all(
    karmadaKinds.map(async (kind) => {
      const name = `${kind.plural}.${kind.group}`;
      const served = existing.get(name)?.spec.versions.map((version) => version.name) ?? [];
      const older = converts || kind.olderVersions.some((version) => served.includes(version.name));
      const manifest = crdOf(kind, { older });
      const source = safeHash(JSON.stringify(manifest.spec));
      const metadata = { ...manifest.metadata, annotations: { [sourceAnnotation]: source } };
      const known = existing.get(name);
      if (known === undefined) {
        await client.create(CustomResourceDefinition, { ...manifest, metadata }, { signal });
      } else if (known.metadata.annotations?.[sourceAnnotation] !== source) {
        const patch = { metadata: { annotations: metadata.annotations }, spec: manifest.spec };
        await client.patch(CustomResourceDefinition, { name }, { type: "merge", patch }, { signal });
      }
    }),
  );
  await ensureNamespaces(client, signal);
  const names = karmadaKinds.map((kind) => `${kind.plural}.${kind.group}`);
  const deadline = clock.monotonic() + establishedWaitMilliseconds;
  for (;;) {
    const now = (await client.list(CustomResourceDefinition, { signal })).items;
    const missing = names.filter((name) => {
      const crd = now.find(({ metadata }) => metadata.name === name);
      return !isConditionTrue(crd?.status?.conditions, "Established");
    });
    if (missing.length === 0) return;
    if (clock.monotonic() > deadline) {
      throw new ApiError(
        "Timeout",
        `the API server does not serve these kinds: ${missing.join(", ")}; see the conditions of the CRDs`,
      );
    }
    await clock.sleep(pollMilliseconds, signal);
  }
}

/** Where leases and credentials of members lie. */
async function ensureNamespaces(client: Client, signal: AbortSignal): Promise<void> {
  for (const name of [karmadaNamespaces.system, karmadaNamespaces.cluster]) {
    if ((await client.find(Namespace, { name }, { signal })) !== undefined) continue;
    try {
      const labels = { [karmadaLabels.system]: karmadaValues.system };
      await client.create(Namespace, { metadata: { name, labels } }, { signal });
    } catch (error) {
      if (!isApiError(error, "AlreadyExists")) throw error;
    }
  }
}
