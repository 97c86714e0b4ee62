import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Shell, type World } from "./shell.ts";

function world(): World {
  return {
    environment: new Map([
      ["HOME", "/root"],
      ["GREETING", "hello world"],
    ]),
    files: new Map(
      Object.entries({ "/etc/config/app.yaml": "port: 80\n", "/etc/config/empty": "", "/etc/hostname": "web-0\n" }).map(
        ([path, text]) => [path, Buffer.from(text)],
      ),
    ),
    directories: new Set(["/var/cache"]),
    hostname: "web-0",
    now: () => 0,
    sleep: () => Promise.resolve(),
  };
}

async function run(lines: readonly string[], input = "") {
  const shell = new Shell(world());
  let out = "";
  let err = "";
  let code = 0;
  for (const line of lines) {
    code = await shell.run(line, {
      stdin: () => Promise.resolve(Buffer.from(input)),
      stdout: (data) => (out += Buffer.from(data).toString()),
      stderr: (data) => (err += Buffer.from(data).toString()),
    });
  }
  return { out, err, code };
}

for (const { line, out = "", err = "", code = 0, input } of [
  { line: "echo hello   world", out: "hello world\n" },
  { line: "echo -n 'a  b' \"c $GREETING\" $GREETING", out: "a  b c hello world hello world" },
  { line: "echo \"${HOME}/x\" '$HOME' \\$HOME", out: "/root/x $HOME $HOME\n" },
  { line: "printf '%s=%s\\n' a b", out: "a=b\n" },
  { line: "env | cat", out: "HOME=/root\nGREETING=hello world\n" },
  { line: "printenv GREETING; printenv NONE", out: "hello world\n", code: 1 },
  { line: "ls /", out: "etc\nvar\n" },
  {
    line: "ls /etc/config /nowhere",
    out: "app.yaml\nempty\n",
    err: "ls: /nowhere: No such file or directory\n",
    code: 1,
  },
  { line: "cat /etc/config/app.yaml", out: "port: 80\n" },
  { line: "cat /etc/config", err: "cat: /etc/config: Is a directory\n", code: 1 },
  { line: "cat", input: "typed", out: "typed" },
  { line: "cd /etc && cat config/../hostname && pwd", out: "web-0\n/etc\n" },
  { line: "cd /nowhere", err: "sh: cd: can't cd to /nowhere: No such file or directory\n", code: 1 },
  { line: "false || echo saved && echo on", out: "saved\non\n" },
  { line: "false && echo never", code: 1 },
  { line: "false; echo $?", out: "1\n" },
  { line: "exit 3; echo never", code: 3 },
  { line: "exit 259", code: 3 },
  { line: "sh -c 'echo in; exit 4' ; echo $?", out: "in\n4\n" },
  { line: "X=1 Y=$X; echo $Y", out: "1\n" },
  { line: "export A=b; sh -c 'echo $A'", out: "b\n" },
  { line: "echo $(cat /etc/hostname)!", out: "web-0!\n" },
  { line: "[ -f /etc/hostname ] && test -d /etc && [ ! a = b ]; echo $?", out: "0\n" },
  { line: "echo quiet >/dev/null; ls /none 2>/dev/null; echo $?", out: "1\n" },
  { line: "ls /none 2>&1 | cat", out: "ls: /none: No such file or directory\n" },
  { line: "echo a # a comment", out: "a\n" },
  { line: "echo 'open", err: "sh: syntax error: unterminated quoted string\n", code: 2 },
  { line: "echo a && ", err: "sh: syntax error: unexpected end of line\n", code: 2 },
  {
    line: "echo a > /tmp/x",
    err: "sh: can't create /tmp/x: Read-only file system (the container is simulated)\n",
    code: 2,
  },
  { line: "uname", out: "Linux (simulated)\n" },
]) {
  test(`shell: ${line}`, async () => {
    assert.deepEqual(await run([line], input), { out, err, code });
  });
}

test("what is not there is said to be simulated", async () => {
  const { err, code } = await run(["nginx -t"]);
  assert.equal(code, 127);
  assert.match(err, /^sh: nginx: not found \(this container is simulated; it knows: .*echo/);
});

test("a session goes on in its directory, and ends with exit", async () => {
  assert.equal((await run(["cd /etc/config", "ls"])).out, "app.yaml\nempty\n");
});

test("whatever is typed, the shell answers with an exit code", async () => {
  const word = fc.constantFrom(
    "echo",
    "a",
    "$(",
    ")",
    "'",
    '"',
    "$",
    "${",
    "}",
    "|",
    "||",
    "&&",
    "&",
    ";",
    ">",
    "2>&1",
    "cd",
    "exit",
    "\\",
    "(",
    "test",
    "]",
  );
  const lines = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 10 }).map((words) => words.join(" ")),
  );
  await fc.assert(
    fc.asyncProperty(lines, async (line) => {
      const { code } = await run([line]);
      assert.ok(Number.isInteger(code) && code >= 0 && code < 256);
    }),
    { numRuns: 500 },
  );
});

test("commands in commands are bounded", async () => {
  const line = `echo ${"$(echo ".repeat(50)}x${")".repeat(50)}`;
  assert.equal((await run([line])).code, 2);
});
