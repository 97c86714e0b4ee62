import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { storageConformance } from "../conformance/conformance.ts";
import { sqliteStorage } from "./sqlite-storage.ts";

const directory = mkdtempSync(join(tmpdir(), "sqlite-storage-"));
let stores = 0;
after(() => {
  rmSync(directory, { recursive: true });
});

storageConformance(
  "sqlite",
  (bounds) => sqliteStorage({ ...bounds, path: join(directory, `${++stores}.db`), ballastBytes: 4096 }),
  10,
);
