// A scheduler of your own: Karmada's plugins and one more. It places the bindings of policies that say
// `schedulerName: thrifty`; all others are left to the default scheduler. Run it beside a control plane:
//   KUBECONFIG=.karmada/kubeconfig npx node scheduler.js
import { readFile } from "node:fs/promises";
import {
  allPlugins,
  createClient,
  createInformerFactory,
  definePlugin,
  fits,
  httpTransport,
  keepAlive,
  loadKubeconfig,
  rejects,
  scheduler,
  silentLogger,
  startManager,
  systemClock,
  systemRandom,
} from "karmada-ts";

/** The label with which a cluster tells what an hour of a CPU costs there, in cents. */
const priceLabel = "example.com/price";

const priceOf = (cluster) => Number(cluster.metadata.labels?.[priceLabel] ?? NaN);

/** Pure functions: the same cluster and binding always get the same verdict and score. */
const thrift = definePlugin({
  name: "Thrift",
  // Reasons are counted and told in the binding's condition, so they do not name the cluster.
  filter: ({ cluster }) => (priceOf(cluster) >= 0 ? fits : rejects("cluster(s) did not tell what they cost")),
  // 0 to 100, and the cheaper the better.
  score: ({ cluster }) => Math.max(0, 100 - priceOf(cluster)),
});

const end = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => end.abort(new Error(name)));
const letGo = keepAlive();

const path = process.env.KUBECONFIG ?? ".karmada/kubeconfig";
const { config } = await loadKubeconfig(await readFile(path, "utf8"), { readFile });
const client = createClient(httpTransport(config), { userAgent: "thrifty-scheduler" });
const shared = { client, clock: systemClock, random: systemRandom(), log: silentLogger, signal: end.signal };
const informers = createInformerFactory(shared);
const controllers = [scheduler({ schedulerName: "thrifty", plugins: [...allPlugins, thrift] })];
const manager = startManager({ ...shared, informers, controllers });
await manager.synced;
console.log("thrifty is at work");
await manager.stopped;
await client.close();
letGo();
