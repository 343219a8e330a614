"use strict";

const ENTITIES = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

function escapeHtml(text) {
  return String(text).replace(/[&<>"']/g, (character) => ENTITIES.get(character));
}

// {{name}} is escaped, {{{name}}} is put in as it is.
function render(template, values) {
  return template
    .replace(/\{\{\{(\w+)\}\}\}/g, (all, name) => values[name] ?? "")
    .replace(/\{\{(\w+)\}\}/g, (all, name) => escapeHtml(new Map(Object.entries(values)).get(name) ?? ""));
}

function money(cents) {
  return `${(cents / 100).toFixed(2)} €`;
}

function plural(count, one, many) {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}

module.exports = { escapeHtml, render, money, plural };
