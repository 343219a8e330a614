"use strict";

const express = require("express");
const cookieParser = require("cookie-parser");

const account = require("./routes/account");
const cart = require("./routes/cart");
const images = require("./routes/images");
const pages = require("./routes/pages");
const search = require("./routes/search");
const tools = require("./routes/tools");
const { sessionOf } = require("./lib/session");

function createApp() {
  const app = express();
  app.disable("x-powered-by");
  app.use(express.json({ limit: "100kb" }));
  app.use(express.urlencoded({ extended: false }));
  app.use(cookieParser());

  app.use((req, res, next) => {
    res.setHeader("Access-Control-Allow-Origin", "*");
    res.setHeader("X-Content-Type-Options", "nosniff");
    req.session = sessionOf(req);
    next();
  });

  app.get("/healthz", (req, res) => res.json({ status: "ok" }));
  app.use("/account", account);
  app.use("/cart", cart);
  app.use("/images", images);
  app.use("/search", search);
  app.use("/tools", tools);
  app.use("/", pages);

  app.use((err, req, res, next) => {
    console.error(err);
    if (res.headersSent) {
      return next(err);
    }
    res.status(500).json({ error: "something went wrong" });
  });
  return app;
}

if (require.main === module) {
  const port = Number(process.env.PORT || 3000);
  createApp().listen(port, () => console.log(`storefront on port ${port}`));
}

module.exports = { createApp };
