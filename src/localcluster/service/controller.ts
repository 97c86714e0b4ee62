// Load balancers: gives Services of that type an address. (Cluster addresses and node ports are the API server's duty.)
// Reads: services.  Writes: service status.  Decides in ./decide.ts.
import { Service } from "#api/kinds.ts";
import { defineController, done } from "#runtime/index.ts";
import { writeStatus } from "../write-status.ts";
import { serviceStatus } from "./decide.ts";

export const loadBalancers = defineController({
  name: "service-lb-controller",
  standing: "follows",
  for: [Service],
  options: {},
  async reconcile(key, context) {
    const service = context.informers.for(Service).get(key);
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) return done;
    const status = serviceStatus(service);
    if (status.loadBalancer !== service.status?.loadBalancer) await writeStatus(Service, service, status, context);
    return done;
  },
});
