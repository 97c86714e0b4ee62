// interpret --operation: what customizations make of an object. Upstream: karmada pkg/karmadactl/interpret/execute.go,
// pkg/util/interpreter/rule.go.
import { interpreterScripts, type InterpreterOperation } from "#api/config/interpreter-scripts.ts";
import { customizationSource } from "#interpreter/customized/customization-source.ts";
import { givenCustomizations } from "#interpreter/customized/customizations.ts";
import { thoroughScripts } from "#interpreter/customized/script-engine.ts";
import { operationNames } from "#interpreter/customized/scripts.ts";
import { operations } from "#interpreter/interpretation.ts";
import { createInterpreter, type Interpreter } from "#interpreter/interpreter.ts";
import { type KubeObject, parseApiVersion } from "#machinery/object.ts";
import { stringifyYaml } from "#machinery/yaml.ts";
import { type Logger, silentLogger } from "#std/logger.ts";
import { type CommandIo, type FlagValues, UsageError } from "../../command.ts";
import type { InterpretFlags } from "./command.ts";
import { type CustomizationFile, readObject, readStatuses } from "./read-input.ts";

type Given = FlagValues<InterpretFlags>;

interface Named {
  readonly name: string;
  readonly value: unknown;
}

/** What an operation gives, as YAML documents that name what they are. */
export async function execute(files: readonly CustomizationFile[], flags: Given, io: CommandIo): Promise<string> {
  const operation = operationOf(flags.operation);
  const inputs = await readInputs(operation, flags, io);
  const source = customizationSource(givenCustomizations(files.map(({ customization }) => customization)), {
    engine: thoroughScripts(io.clock),
    log: printing(io),
  });
  const { apiVersion, kind } = inputs.object;
  const hooks = source.hooks({ ...parseApiVersion(apiVersion), kind });
  const hook = operations.find((each) => operationNames[each] === operation);
  if (hook === undefined || hooks?.[hook] === undefined) {
    throw new UsageError(`Execute ${operation} error: rule is not enabled: no script for it and ${apiVersion} ${kind}`);
  }
  const interpreter = createInterpreter({ clock: io.clock, sources: [source] });
  const results = await runs[operation](interpreter, inputs);
  return results
    .map(({ name, value }, index) => {
      const text = value === undefined ? "null\n" : stringifyYaml(value);
      return `---\n# [${index + 1}/${results.length}] ${name}:\n${text}`;
    })
    .join("");
}

function operationOf(text: string): InterpreterOperation {
  if (text === "") throw new UsageError("operation is not set for executing");
  const found = interpreterScripts.find(({ name }) => name.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found.name;
  const names = interpreterScripts.map(({ name }) => name).join(", ");
  throw new UsageError(`operation ${text} is not supported: it is one of ${names}`);
}

interface Inputs {
  readonly object: KubeObject;
  /** Of Retain: the object in the member. */
  readonly observed: KubeObject;
  readonly replicas: number;
  readonly statuses: Awaited<ReturnType<typeof readStatuses>> | undefined;
}

async function readInputs(operation: InterpreterOperation, flags: Given, io: CommandIo): Promise<Inputs> {
  const { desiredFile, observedFile, statusFile, desiredReplica } = flags;
  const statuses = statusFile === "" ? undefined : await readStatuses(statusFile, io);
  if (operation === "Retain") {
    if (desiredFile === "") throw new UsageError("desired-file must be set for Retain");
    if (observedFile === "") throw new UsageError("observed-file must be set for Retain");
    const [object, observed] = [await readObject(desiredFile, io), await readObject(observedFile, io)];
    return { object, observed, replicas: desiredReplica, statuses };
  }
  if (desiredFile !== "" && observedFile !== "") {
    throw new UsageError("you can not specify both desired-file and observed-file options");
  }
  const file = desiredFile === "" ? observedFile : desiredFile;
  if (file === "") throw new UsageError("you must specify one of desired-file and observed-file options");
  const object = await readObject(file, io);
  return { object, observed: object, replicas: desiredReplica, statuses };
}

const runs: Readonly<
  Record<InterpreterOperation, (interpreter: Interpreter, inputs: Inputs) => Promise<readonly Named[]>>
> = {
  Retain: async (interpreter, { object, observed }) => [
    { name: "retained", value: await interpreter.retain(object, observed) },
  ],
  InterpretReplica: async (interpreter, { object }) => {
    const { replicas, requirements } = await interpreter.getReplicas(object);
    return [
      { name: "replica", value: replicas },
      { name: "requires", value: requirements },
    ];
  },
  InterpretComponent: async (interpreter, { object }) => [
    { name: "components", value: await interpreter.getComponents(object) },
  ],
  ReviseReplica: async (interpreter, { object, replicas }) => [
    { name: "revised", value: await interpreter.reviseReplica(object, replicas) },
  ],
  InterpretStatus: async (interpreter, { object }) => [
    { name: "status", value: await interpreter.reflectStatus(object) },
  ],
  AggregateStatus: async (interpreter, { object, statuses }) => [
    { name: "aggregatedStatus", value: await interpreter.aggregateStatus(object, statuses) },
  ],
  InterpretHealth: async (interpreter, { object }) => [
    { name: "healthy", value: await interpreter.interpretHealth(object) },
  ],
  InterpretDependency: async (interpreter, { object }) => [
    { name: "dependencies", value: await interpreter.getDependencies(object) },
  ],
};

/** What scripts print goes beside the results. */
function printing(io: CommandIo): Logger {
  return {
    ...silentLogger,
    info: (line) => {
      io.err(`${line}\n`);
    },
  };
}
