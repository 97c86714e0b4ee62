import { storageConformance } from "../conformance/conformance.ts";
import { memoryStorage } from "./memory-storage.ts";

storageConformance("memory", (bounds) => Promise.resolve(memoryStorage(bounds)), 100);
