"use strict";

const ejs = require("ejs");

const PAGE = "<h1><%= locals.title || 'Notices' %></h1>";

function render(values) {
  return ejs.render(PAGE, values, values.settings);
}

async function preview(url) {
  const answer = await fetch(url);
  return answer.text();
}

module.exports = { render, preview };
