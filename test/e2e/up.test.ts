// `karmada up`, `down` and `status` as processes: start, resume, refuse, end, and survive SIGKILL.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually, findKubectl, isAlive, karmada, type Plane, root, runProgram, startPlane } from "./plane.ts";

const node = process.execPath;

describe("karmada up", () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane();
  });
  after(() => plane.dispose());

  test("files are their owner's alone", () => {
    const data = path.join(plane.directory, "data");
    assert.equal(statSync(data).mode & 0o777, 0o700);
    for (const name of readdirSync(data, { recursive: true, encoding: "utf8" })) {
      const { mode } = statSync(path.join(data, name));
      assert.equal(mode & 0o077, 0, `${name} is open to others`);
    }
  });

  test("status tells pid, contexts and addresses", async () => {
    const { code, out } = await runProgram(node, [
      karmada,
      "status",
      "--data-dir",
      path.join(plane.directory, "data"),
      "-o",
      "json",
    ]);
    assert.equal(code, 0);
    const status: unknown = JSON.parse(out);
    assert.ok(typeof status === "object" && status !== null && "pid" in status && "servers" in status);
    assert.equal(status.pid, plane.process.pid);
    assert.deepEqual(Object.keys(status.servers ?? {}), ["karmada-apiserver", "member1", "member2", "member3"]);
  });

  test("a second one on the same directory is refused with the pid and the fix", async () => {
    const { code, err } = await runProgram(node, [karmada, "up", "--data-dir", path.join(plane.directory, "data")]);
    assert.equal(code, 1);
    assert.match(err, new RegExp(`process ${String(plane.process.pid)}.*karmada down`));
  });

  test("every server says ready, with the contexts of the kubeconfig", async (t) => {
    if (
      findKubectl((text) => {
        t.diagnostic(text);
      }) === undefined
    )
      return;
    for (const context of ["karmada-apiserver", "member1", "member2", "member3"]) {
      assert.equal(await plane.kubectl("get --raw /readyz", { context }), "ok");
    }
  });
});

test("karmada up --single-thread gets ready and ends just so", async () => {
  const plane = await startPlane(["--single-thread", "--members", "1"]);
  assert.equal(await plane.stop(), 0);
  await plane.dispose();
});

describe("the life of a control plane", () => {
  let home = "";
  before(() => {
    home = mkdtempSync(path.join(tmpdir(), "karmada-e2e-"));
  });
  after(() => {
    rmSync(home, { recursive: true, force: true });
  });

  test("what was acknowledged is there after SIGTERM and after SIGKILL, at the same addresses", async (t) => {
    if (
      findKubectl((text) => {
        t.diagnostic(text);
      }) === undefined
    )
      return;
    const addresses = new Set<string>();
    for (const [round, signal] of (["SIGTERM", "SIGKILL", "SIGTERM"] as const).entries()) {
      const plane = await startPlane([], home);
      try {
        for (let before = 0; before < round; before++) await plane.kubectl(`get configmap kept-${String(before)}`);
        await plane.kubectl(`create configmap kept-${String(round)} --from-literal=a=b`);
        addresses.add(
          await plane.kubectl(["config", "view", "-o", "jsonpath={.clusters[*].cluster.server}"], { context: "" }),
        );
        const ended = await plane.stop(signal);
        assert.equal(ended, signal === "SIGTERM" ? 0 : "SIGKILL", plane.output());
      } finally {
        await plane.stop("SIGKILL");
      }
    }
    assert.equal(addresses.size, 1);
  });
});

describe("karmada up --background, down, status", () => {
  test("comes back when ready, and goes down", async () => {
    const home = mkdtempSync(path.join(tmpdir(), "karmada-e2e-"));
    const data = ["--data-dir", path.join(home, "data")];
    try {
      const nothing = await runProgram(node, [karmada, "down", ...data]);
      assert.equal(nothing.code, 0);
      assert.match(nothing.out, /nothing runs/);
      const up = await runProgram(node, [karmada, "up", "--background", "--members", "1", ...data]);
      assert.equal(up.code, 0, up.err);
      assert.match(up.out, /ready in \d+ ms/);
      const status = await runProgram(node, [karmada, "status", ...data, "-o", "json"]);
      const pid = Number(/"pid": (\d+)/.exec(status.out)?.[1]);
      assert.ok(isAlive(pid));
      const down = await runProgram(node, [karmada, "down", ...data]);
      assert.equal(down.code, 0, down.err);
      assert.equal(isAlive(pid), false);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  test("--background that cannot start says why, with a code", async () => {
    const home = mkdtempSync(path.join(tmpdir(), "karmada-e2e-"));
    writeFileSync(path.join(home, "thesis.tex"), "mine");
    const { code, err } = await runProgram(node, [karmada, "up", "--background", "--data-dir", home]);
    rmSync(home, { recursive: true, force: true });
    assert.equal(code, 1);
    assert.match(err, /not a data directory of karmada/);
  });
});

describe("signals", () => {
  for (const [name, program, args] of [
    ["npm start", "npm", ["start", "--silent", "--"]],
    ["npx karmada up", "npx", ["--no", "karmada", "up"]],
  ] as const) {
    test(`SIGTERM to ${name} ends the server too`, async () => {
      const home = mkdtempSync(path.join(tmpdir(), "karmada-e2e-"));
      const child = spawn(program, [...args, "--data-dir", path.join(home, "data"), "--members", "1"], { cwd: root });
      let text = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      const ended = new Promise((resolve) => child.once("exit", resolve));
      try {
        await eventually("ready", 60_000, () => /ready in \d+ ms/.test(text));
        const status = await runProgram(node, [karmada, "status", "--data-dir", path.join(home, "data"), "-o", "json"]);
        const pid = Number(/"pid": (\d+)/.exec(status.out)?.[1]);
        child.kill("SIGTERM");
        await ended;
        await eventually("the server to end", 15_000, () => !isAlive(pid));
      } finally {
        child.kill("SIGKILL");
        rmSync(home, { recursive: true, force: true });
      }
    });
  }
});
