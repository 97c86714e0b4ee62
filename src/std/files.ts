// Files that are whole or absent: the only way layers above write to disk, outside of storage drivers.
// A crash at any moment leaves the old content or the new one, never half of it.
import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Mode of files that hold keys, tokens or users' data. */
export const privateFileMode = 0o600;
/** Mode of directories that hold such files. */
const privateDirectoryMode = 0o700;

/** Replaces the content of `path` in one step, durably. The directory must exist. */
export async function writeFileAtomic(path: string, data: string | Uint8Array, mode = privateFileMode): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(draft, "wx", mode);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** The content of a file, or undefined where there is none. */
export async function readFileIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Makes the directory and its missing parents, open to their owner alone. What exists is left as it is. */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  if (await makeDirectory(path)) return;
  // Not mkdir's `recursive`: where a parent exists and still nothing can be made in it (/proc), Node.js tries for ever.
  // Others may be making the same parents at the same time.
  await ensurePrivateDirectory(dirname(path));
  if (!(await makeDirectory(path))) throw new Error(`no directory can be made at ${path}`);
}

/** Whether the directory is there now; false when its parent is missing. */
async function makeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: privateDirectoryMode });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST" && (await stat(path)).isDirectory()) return true;
    if (errorCode(error) === "ENOENT" && dirname(path) !== path) return false;
    throw error;
  }
}

/** Makes a rename durable. Some file systems and systems cannot open directories: there the rename is all there is. */
async function syncDirectory(path: string): Promise<void> {
  let directory;
  try {
    directory = await open(path, "r");
    await directory.sync();
  } catch (error) {
    if (!["EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP"].includes(errorCode(error))) throw error;
  } finally {
    await directory?.close();
  }
}

/** The system's code of a failed call, or an empty text. */
function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
