// `karmada webhook`: Karmada's admission for a kube-apiserver that is not ours. Flags as upstream's karmada-webhook has them.
// Upstream: karmada cmd/webhook/app/options/options.go.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TlsFiles } from "#apiserver/listener/listener.ts";
import { defineCommand, flag, UsageError } from "#cli/command.ts";
import { stringifyYaml } from "#machinery/yaml.ts";
import { errorText } from "#machinery/api-error.ts";
import { untilAborted } from "#std/abort.ts";
import { loggerOf, logLevelFlag } from "./logger.ts";
import { packageVersion } from "./version.ts";

const portMax = 65_535;
const securePortDefault = 8443;

export const webhookCommand = defineCommand({
  name: "webhook",
  group: "Components",
  summary: "Serve Karmada's admission over HTTPS to a kube-apiserver",
  description:
    "The embedded API server needs no webhook: it calls the same functions itself. With --print-config the " +
    "configuration objects are printed that make another API server call this one; apply them with kubectl.",
  flags: {
    bindAddress: flag.string("Address to listen on.", "0.0.0.0", { placeholder: "address" }),
    securePort: flag.number("Port to listen on.", securePortDefault, {
      check: (value) =>
        Number.isInteger(value) && value >= 0 && value <= portMax
          ? undefined
          : `--secure-port takes a port from 0 to ${portMax}, not ${value}`,
    }),
    certDir: flag.string("Folder with the server's key and certificate.", "/tmp/k8s-webhook-server/serving-certs", {
      placeholder: "directory",
    }),
    tlsCertFileName: flag.string("Name of the certificate's file.", "tls.crt", { placeholder: "file" }),
    tlsPrivateKeyFileName: flag.string("Name of the private key's file.", "tls.key", { placeholder: "file" }),
    allowNoExecuteTaintPolicy: flag.boolean("Let ClusterTaintPolicies put NoExecute taints on clusters."),
    printConfig: flag.boolean("Print the webhook configurations as YAML and exit."),
    webhookUrl: flag.string(
      "With --print-config: where the API server reaches this one.",
      "https://karmada-webhook.karmada-system.svc:443",
      {
        placeholder: "url",
        check: (value) =>
          /^https:\/\/[^/?#@]+$/.test(value)
            ? undefined
            : `--webhook-url takes https://host:port without a path, not "${value}"`,
      },
    ),
    caFile: flag.string("With --print-config: the authority that issued the certificate, as PEM.", "", {
      placeholder: "file",
    }),
    logLevel: logLevelFlag("info"),
  },
  async run({ flags, io, signal }) {
    const { karmadaWebhooks } = await import("#api/admission/karmada-admission.ts");
    const { random, clock } = io;
    const { allowNoExecuteTaintPolicy } = flags;
    const webhooks = karmadaWebhooks({ random, allowNoExecuteTaintPolicy });
    if (flags.printConfig) {
      const { webhookConfigurations } = await import("#api/admission/webhook-configuration.ts");
      const ca = flags.caFile === "" ? {} : { caBundle: await readText(flags.caFile, "--ca-file") };
      const configurations = webhookConfigurations(webhooks, { url: flags.webhookUrl, ...ca });
      io.out(configurations.map(stringifyYaml).join("---\n"));
      return 0;
    }
    const { listen } = await import("#apiserver/listener/listener.ts");
    const { webhookHandler } = await import("#apiserver/webhook-server/handler.ts");
    const listener = await listen({
      handler: webhookHandler(webhooks),
      tls: await tlsFiles(flags),
      host: flags.bindAddress,
      port: flags.securePort,
      clock,
      log: loggerOf(flags.logLevel),
      signal,
    });
    io.out(`karmada-webhook v${packageVersion()} serves https://${listener.host}:${listener.port}\n`);
    await untilAborted(signal);
    await listener.close();
    return 0;
  },
});

interface CertificateFlags {
  readonly certDir: string;
  readonly tlsCertFileName: string;
  readonly tlsPrivateKeyFileName: string;
}

async function tlsFiles({ certDir, tlsCertFileName, tlsPrivateKeyFileName }: CertificateFlags): Promise<TlsFiles> {
  const source = "--cert-dir, --tls-cert-file-name and --tls-private-key-file-name";
  return {
    cert: await readText(join(certDir, tlsCertFileName), source),
    key: await readText(join(certDir, tlsPrivateKeyFileName), source),
  };
}

async function readText(path: string, source: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`${source}: ${path} cannot be read: ${errorText(error)}`);
  }
}
