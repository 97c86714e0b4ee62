// `node bench/watchers.ts URL TOKEN WATCHERS EVENTS`: watchers of one collection over TLS, in a process of their own. Says
// `ready` when all of them read, and `done` when each has seen so many events. HTTP/2, 100 watches to a connection.
import { connect } from "node:http2";

const [address = "", token = "", watcherText = "", eventText = ""] = process.argv.slice(2);
const [watchers, events] = [Number(watcherText), Number(eventText)];
const watchesOfConnection = 100;
const newline = 0x0a;

const url = new URL(address);
let [open, finished] = [0, 0];

function watch(session: ReturnType<typeof connect>): void {
  const stream = session.request({ ":path": `${url.pathname}${url.search}`, authorization: `Bearer ${token}` });
  let seen = 0;
  stream.on("response", (headers) => {
    if (headers[":status"] !== 200) throw new Error(`a watch answered ${String(headers[":status"])}`);
    if (++open === watchers) console.log("ready");
  });
  stream.on("data", (chunk: Buffer) => {
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) {
      if (++seen === events && ++finished === watchers) finish();
    }
  });
  stream.on("end", () => {
    if (seen < events) throw new Error(`a watch was cut after ${String(seen)} of ${String(events)} events`);
  });
}

function finish(): void {
  console.log("done");
  process.exit(0);
}

for (let begun = 0; begun < watchers; begun += watchesOfConnection) {
  const session = connect(url.origin, { rejectUnauthorized: false });
  for (let index = begun; index < Math.min(begun + watchesOfConnection, watchers); index++) watch(session);
}
