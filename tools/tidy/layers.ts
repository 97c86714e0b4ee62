// The layers and what each may import: only layers of a lower row. See docs/architecture.md.

/** Layers by row; a layer imports itself and any lower row. */
export const rows: readonly (readonly string[])[] = [
  ["std"],
  ["machinery"],
  ["api"],
  ["storage", "client"],
  ["apiserver", "runtime", "interpreter", "install"],
  ["kubecontrollers", "localcluster", "scheduler", "controllers"],
  ["sdk", "cli", "simulation"],
  ["apps"],
];

/** Row of a layer, or undefined where it is none. */
export function rowOf(layer: string): number | undefined {
  const row = rows.findIndex((names) => names.includes(layer));
  return row < 0 ? undefined : row;
}

/** Only these layers may import these modules of Node.js; all others go through a port. */
export const guardedModules: readonly {
  readonly modules: RegExp;
  readonly layers: readonly string[];
  readonly why: string;
}[] = [
  {
    modules: /^node:(fs|fs\/promises)$/,
    layers: ["std", "storage", "install", "cli", "apps"],
    why: "disk is touched only in std, storage, install, cli and apps",
  },
  {
    modules: /^(node:(net|tls|http|https|http2|dgram)|undici|ws)$/,
    layers: ["client", "apiserver", "install"],
    why: "sockets are opened only in client and apiserver (install only looks for free ports)",
  },
  {
    modules: /^@grpc\/grpc-js$/,
    layers: ["storage", "scheduler"],
    why: "gRPC is spoken only by the adapters of etcd and of estimators",
  },
  {
    modules: /^node:(child_process|cluster)$/,
    layers: ["cli", "apps"],
    why: "processes are started only in cli and apps",
  },
  {
    modules: /^node:process$/,
    layers: ["apps"],
    why: "environment, arguments and signals are read only in apps",
  },
];
