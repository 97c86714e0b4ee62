// `karmada`: the servers. `up` runs a whole control plane with local members; `down` and `status` look after it; the
// other words are one component each. Nothing large is loaded here: the thread of the local members begins before it, so
// that both load at once.
import { beginEarly } from "./members/members-thread.ts";

process.umask(0o077); // whatever is written is its owner's alone
const thread = beginEarly(process.argv.slice(2));
const { runKarmada } = await import("./karmada-program.ts");
process.exitCode = await runKarmada(thread);
