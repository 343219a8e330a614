"use strict";

const express = require("express");
const _ = require("lodash");
const notices = require("./notices");
const pictures = require("./pictures");
const pages = require("./pages");

const app = express();

app.get("/notices", (req, res) => {
  res.json(_.groupBy(notices.matching(req.query.filter), "kind"));
});

app.get("/search", (req, res) => {
  res.send("<p>You looked for " + req.query.q + "</p>" + notices.search(req.query.q).length);
});

app.get("/page", (req, res) => {
  res.send(pages.render(req.query));
});

app.get("/picture", (req, res, next) => {
  pictures.open(req.query.name).then((bytes) => res.end(bytes), next);
});

app.get("/thumbnail", (req, res, next) => {
  pictures.shrink(req.query.name, (error, bytes) => (error ? next(error) : res.end(bytes)));
});

app.get("/preview", (req, res, next) => {
  pages.preview(req.query.url).then((text) => res.send(text), next);
});

module.exports = app;

if (require.main === module) {
  app.listen(process.env.PORT || 8080);
}
