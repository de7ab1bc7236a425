#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// Decodes manifests strictly: kinds that we know, required fields, types, and no field that the API lacks.
//
//   strict.mjs FILE.yaml...      (NODE_MODULES: the folder node_modules of package.json)
//
// The validators of kubernetes-models pass unknown fields over. But they look at each field that they know,
// so a document that notes which of its members are read tells the others apart.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const modules = resolve(process.env.NODE_MODULES);
const require = createRequire(`${modules}/`);
const yaml = require("./js-yaml");

const kubernetes = "kubernetes-models/_schemas/IoK8sApi";
const operator = "@kubernetes-models/prometheus-operator/_schemas/MonitoringCoreosComV1";
const validators = {
  "v1 Namespace": `${kubernetes}CoreV1Namespace`,
  "v1 ServiceAccount": `${kubernetes}CoreV1ServiceAccount`,
  "v1 ConfigMap": `${kubernetes}CoreV1ConfigMap`,
  "v1 Pod": `${kubernetes}CoreV1Pod`,
  "rbac.authorization.k8s.io/v1 ClusterRole": `${kubernetes}RbacV1ClusterRole`,
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding": `${kubernetes}RbacV1ClusterRoleBinding`,
  "apps/v1 DaemonSet": `${kubernetes}AppsV1DaemonSet`,
  "monitoring.coreos.com/v1 PodMonitor": `${operator}PodMonitor`,
  "monitoring.coreos.com/v1 PrometheusRule": `${operator}PrometheusRule`,
};

// value: the same document, which notes its reads; unread(): the paths of members that nobody read.
function watch(document, path = "") {
  if (document === null || typeof document !== "object") return { value: document, unread: () => [] };
  const members = Object.entries(document).map(([key, member]) => [key, watch(member, `${path}/${key}`)]);
  const copy = Array.isArray(document) ? [] : {};
  for (const [key, member] of members) copy[key] = member.value;
  const read = new Set();
  const value = new Proxy(copy, { get: (target, key) => (read.add(key), target[key]) });
  return {
    value,
    unread: () => members.flatMap(([key, member]) => (read.has(key) ? member.unread() : [`${path}/${key}`])),
  };
}

// What was given to the API server would be refused, or silently dropped.
function complaints(document) {
  const kind = `${document.apiVersion} ${document.kind}`;
  if (!validators[kind]) return [`unknown kind ${kind}`];
  const { validate } = require(`./${validators[kind]}.js`);
  const { value, unread } = watch(document);
  if (!validate(value)) return validate.errors.map((e) => `${e.instancePath}: ${e.message ?? JSON.stringify(e.params)}`);
  return unread().map((path) => `unknown field ${path}`);
}

let failed = false;
for (const file of process.argv.slice(2)) {
  const documents = yaml.loadAll(readFileSync(file, "utf8")).filter(Boolean);
  if (documents.length === 0) complain(file, "no documents");
  for (const document of documents)
    for (const text of complaints(document)) complain(file, `${document.kind} ${document.metadata?.name}: ${text}`);
}

function complain(file, text) {
  console.log(`${file}: ${text}`);
  failed = true;
}

process.exit(failed ? 1 : 0);
