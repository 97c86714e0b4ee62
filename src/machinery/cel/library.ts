// All functions that expressions in Kubernetes may call.
import { collectionFunctions } from "./collections.ts";
import { conversions } from "./conversions.ts";
import { type FunctionTable, functionTable } from "./function.ts";
import { kubernetesFunctions } from "./kubernetes.ts";
import { operators } from "./operators.ts";
import { textFormatFunctions } from "./text-format.ts";
import { textFunctions } from "./texts.ts";
import { timeFunctions } from "./times.ts";

export const celLibrary: FunctionTable = functionTable(
  operators,
  conversions,
  textFunctions,
  textFormatFunctions,
  timeFunctions,
  collectionFunctions,
  kubernetesFunctions,
);
