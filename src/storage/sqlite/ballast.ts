// A file that holds disk space in reserve. SQLite needs room even to delete, so a full disk could never be emptied
// through the store: letting go of this file gives deletions the room they need.
import { closeSync, openSync, statSync, truncateSync, writeSync } from "node:fs";
import { privateFileMode } from "#std/files.ts";

const blockBytes = 1024 * 1024;

export class Ballast {
  readonly #path: string;
  readonly #bytes: number;
  #isHeld: boolean;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
    this.#isHeld = statSync(path, { throwIfNoEntry: false })?.size === bytes;
  }

  /** Whether the reserve is there. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Takes the reserve if there is room for it, and tells whether it is there. */
  hold(): boolean {
    if (this.#isHeld) return true;
    try {
      this.#fill();
      this.#isHeld = true;
    } catch {
      this.release(); // what fitted is of no use
    }
    return this.#isHeld;
  }

  /** Gives the reserve to the disk. */
  release(): void {
    this.#isHeld = false;
    // Some file systems need room to remove a file; making it empty works on all.
    if (statSync(this.#path, { throwIfNoEntry: false }) !== undefined) truncateSync(this.#path, 0);
  }

  #fill(): void {
    const block = incompressible(Math.min(blockBytes, this.#bytes));
    const file = openSync(this.#path, "w", privateFileMode);
    try {
      for (let left = this.#bytes; left > 0;) left -= writeSync(file, block, 0, Math.min(left, block.length));
    } finally {
      closeSync(file);
    }
  }
}

/** Bytes that file systems which compress cannot make smaller (xorshift32). */
function incompressible(bytes: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  let word = 0x9e37_79b9;
  for (let index = 0; index < words.length; index++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    words[index] = word;
  }
  return new Uint8Array(words.buffer);
}
