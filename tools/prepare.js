// What npm runs once it has installed a clone: the first start then finds the program compiled. Plain JavaScript, since any
// Node.js >= 20 may run it; and never a failure, since everything works without.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const millisecondsMax = 60_000;
const launcher = fileURLToPath(new URL("../bin/karmada", import.meta.url));

spawnSync(process.execPath, [launcher, "prepare"], { stdio: "ignore", timeout: millisecondsMax });
