// `api-versions`: the group versions that the control plane serves. Upstream: k8s.io/kubectl/pkg/cmd/apiresources.
import { createDiscovery } from "#client/discovery.ts";
import { apiVersionOf } from "#machinery/object.ts";
import { defineCommand } from "../../command.ts";

export const apiVersionsCommand = defineCommand({
  name: "api-versions",
  group: "Other Commands",
  summary: 'Print the supported API versions on the server, in the form of "group/version"',
  flags: {},
  async run({ io, signal, connect }) {
    const { client } = await connect();
    const { kinds } = await createDiscovery(client).snapshot({ signal });
    for (const version of [...new Set(kinds.map(apiVersionOf))].sort()) io.out(`${version}\n`);
    return 0;
  },
});
