// The life of a release with the real helm, 4 and 3, in a local member: a chart with a CRD, its object, hooks and a workload
// that is waited for. helm 4 applies server-side, helm 3 patches.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually, type Plane, quietly, runProgram, startPlane } from "./plane.ts";

const helms = [
  { name: "helm 4", path: process.env["HELM"], operation: "Apply" },
  { name: "helm 3", path: process.env["HELM_OLD"], operation: "Update" },
].filter(({ path: at }) => at !== undefined);

const chart: Readonly<Record<string, string>> = {
  "Chart.yaml": `apiVersion: v2
name: shop
version: 1.0.0
`,
  "values.yaml": `replicas: 1
note: first
`,
  "crds/gadget.yaml": `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.shop.example.com}
spec:
  group: shop.example.com
  scope: Namespaced
  names: {plural: gadgets, singular: gadget, kind: Gadget, listKind: GadgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {note: {type: string}}}}
`,
  "templates/gadget.yaml": `apiVersion: shop.example.com/v1
kind: Gadget
metadata: {name: {{ .Release.Name }}}
spec: {note: {{ .Values.note | quote }}}
`,
  "templates/web.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {selector: {app: {{ .Release.Name }}}, ports: [{port: 80}]}
`,
  "templates/before.yaml": `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-before
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: task, image: busybox, command: ["true"]}]}
`,
  "templates/after.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-after
  annotations: {helm.sh/hook: post-upgrade}
data: {note: {{ .Values.note | quote }}}
`,
};

describe("helm", { skip: helms.length === 0 && "no helm here" }, () => {
  let plane: Plane;
  let folder: string;
  before(async () => {
    plane = await startPlane(["--members", "1"]);
    folder = path.join(plane.directory, "shop");
    for (const [name, text] of Object.entries(chart)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
  });
  after(() => plane.dispose());
  const kubectl = (args: string): Promise<string> => quietly(plane, args);

  for (const { name, path: program, operation } of helms) {
    test(`${name}: install, upgrade, rollback and uninstall, waiting`, async () => {
      const release = name.replace(" ", "");
      const helm = async (args: string): Promise<string> => {
        const context = ["--kubeconfig", plane.kubeconfig, "--kube-context", "member1"];
        const { code, out, err } = await runProgram(program ?? "", [...args.split(" "), ...context], {
          env: { HOME: plane.directory },
          timeout: 120_000,
        });
        assert.equal(code, 0, `helm ${args}: ${err}${out}`);
        return out;
      };
      const replicas = (): Promise<string> => kubectl(`get deploy ${release} -o jsonpath={.status.readyReplicas}`);
      const note = (): Promise<string> => kubectl(`get gadget ${release} -o jsonpath={.spec.note}`);

      assert.match(await helm(`install ${release} ${folder} --wait --timeout 60s`), /STATUS: deployed/);
      assert.equal(await replicas(), "1");
      assert.equal(await note(), "first");
      assert.equal(await kubectl(`get job ${release}-before -o jsonpath={.status.succeeded}`), "1");
      const managers = await kubectl(
        `get deploy ${release} --show-managed-fields -o jsonpath={.metadata.managedFields[?(@.manager=="helm")].operation}`,
      );
      assert.equal(managers, operation);

      await helm(`upgrade ${release} ${folder} --set replicas=3,note=second --wait --timeout 60s`);
      assert.equal(await replicas(), "3");
      assert.equal(await note(), "second");
      assert.equal(await kubectl(`get cm ${release}-after -o jsonpath={.data.note}`), "second");

      await helm(`rollback ${release} 1 --wait --timeout 60s`);
      assert.equal(await note(), "first");
      await eventually("the replicas of before", 10_000, async () => (await replicas()) === "1");
      assert.match(await helm(`history ${release}`), /Rollback to 1/);

      assert.match(await helm(`uninstall ${release} --wait --timeout 60s`), /uninstalled/);
      assert.equal(await kubectl(`get deploy,svc,gadget ${release} --ignore-not-found -o name`), "");
      await kubectl("get crd gadgets.shop.example.com");
      assert.doesNotMatch(await helm("list"), new RegExp(release));
    });
  }
});
