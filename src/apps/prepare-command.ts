// `karmada prepare`: loads what `karmada up` loads and ends. What Node.js compiles on the way is kept, so that the next start
// finds it. npm runs it once it has installed a clone (tools/prepare.js).
import { defineCommand } from "#cli/command.ts";
import { DatabaseThread } from "#storage/sqlite/database-thread.ts";
import { MembersThread } from "./members/members-thread.ts";

export const prepareCommand = defineCommand({
  name: "prepare",
  group: "Local Control Plane",
  summary: "Compile the program ahead, so that its first start is as quick as later ones",
  flags: {},
  async run() {
    const members = new MembersThread();
    const database = new DatabaseThread().connect();
    await import("./up.ts");
    await Promise.all([members.stop(), database.end()]);
    return 0;
  },
});
