// `karmada apiserver`: the control plane's API server alone, with Karmada's kinds. The components join it by its kubeconfig.
import { defineCommand, flag } from "#cli/command.ts";
import { openDataDirectory, writeRunning } from "#install/data-directory.ts";
import { writeKubeconfig } from "#install/kubeconfig.ts";
import { stablePorts } from "#install/ports.ts";
import { untilAborted } from "#std/abort.ts";
import { dataDirFlag } from "./down-command.ts";
import { logLevelFlag, loggerOf } from "./logger.ts";
import { publishProcessMetrics } from "./process-metrics.ts";
import { packageVersion, serverVersion } from "./version.ts";

const portMax = 65_535;

export const apiserverCommand = defineCommand({
  name: "apiserver",
  group: "Components",
  summary: "Run the control plane's API server alone",
  description:
    "Runs the embedded API server with Karmada's kinds and writes <data-dir>/kubeconfig, with which " +
    '"karmada controller-manager", "karmada scheduler" and kubectl reach it.',
  flags: {
    dataDir: dataDirFlag,
    securePort: flag.number("Port on 127.0.0.1. 0: a free one, which stays the same over restarts.", 0, {
      check: (value) =>
        Number.isInteger(value) && value >= 0 && value <= portMax
          ? undefined
          : `--secure-port takes a port from 0 to ${portMax}, not ${value}`,
    }),
    logLevel: logLevelFlag("info"),
  },
  async run({ flags, io, signal }) {
    const { karmadaAdmission } = await import("#api/admission/karmada-admission.ts");
    const { installKinds } = await import("#install/kinds.ts");
    const { controlPlaneContext: name, startEmbeddedCluster } = await import("./embedded-cluster.ts");
    const { clock, random } = io;
    const directory = await openDataDirectory({ path: flags.dataDir, fresh: false });
    const end = new AbortController();
    const stop = AbortSignal.any([signal, end.signal]);
    try {
      const ports = await stablePorts(directory.file("ports.json"), [name]);
      const port = flags.securePort === 0 ? (ports.get(name) ?? 0) : flags.securePort;
      const admission = karmadaAdmission({ random, clock });
      const log = loggerOf(flags.logLevel);
      const cluster = await startEmbeddedCluster({
        ...{ name, directory, port, admission, clock, random, log, signal: stop },
        version: serverVersion("karmada"),
      });
      publishProcessMetrics(cluster.metrics, clock);
      await installKinds(cluster.clientFor("karmada-admin"), { clock, signal: stop, converts: true });
      await writeKubeconfig(directory.file("kubeconfig"), [cluster.kubeconfig]);
      const servers = { [name]: cluster.server };
      await writeRunning(directory, {
        pid: process.pid,
        startedAt: clock.now(),
        version: packageVersion(),
        servers,
        members: [],
      });
      io.out(
        `ready in ${Math.round(clock.monotonic())} ms: ${cluster.server}\n\n  export KUBECONFIG=${directory.file("kubeconfig")}\n`,
      );
      await untilAborted(signal);
      end.abort(signal.reason);
      await cluster.close();
      return 0;
    } finally {
      end.abort(new Error("the API server has ended"));
      await directory.release();
    }
  },
});
