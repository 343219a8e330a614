"use strict";

const fs = require("fs");
const path = require("path");

const FOLDER = path.join(__dirname, "..", "templates");
const cache = new Map();

function load(name) {
  if (!cache.has(name)) {
    cache.set(name, fs.readFileSync(path.join(FOLDER, name + ".html"), "utf8"));
  }
  return cache.get(name);
}

function clear() {
  cache.clear();
}

module.exports = { load, clear };
