// Finds the modules of this program without asking the file system: what `imports` in package.json and the paths of relative
// imports say, a quarter of the time that loading takes otherwise. Everything else is found as ever.
"use strict";
const { existsSync } = require("node:fs");
const { registerHooks } = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const root = path.dirname(__dirname);
const asWritten = existsSync(path.join(root, "src"));
const folder = `${pathToFileURL(path.join(root, asWritten ? "src" : "dist")).href}/`;
const format = asWritten ? "module-typescript" : "module";
const relative = asWritten ? /^\.\.?\/.*\.ts$/ : /^\.\.?\/.*\.js$/;
const ofLayer = /^#(.*)\.ts$/;

registerHooks({
  resolve(specifier, context, next) {
    const parent = context.parentURL;
    if (parent === undefined || !parent.startsWith(folder)) return next(specifier, context);
    if (relative.test(specifier)) return { url: new URL(specifier, parent).href, format, shortCircuit: true };
    const layered = ofLayer.exec(specifier);
    if (layered === null) return next(specifier, context);
    return { url: `${folder}${layered[1]}${asWritten ? ".ts" : ".js"}`, format, shortCircuit: true };
  },
});
