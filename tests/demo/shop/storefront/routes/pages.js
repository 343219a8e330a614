"use strict";

const express = require("express");

const backend = require("../lib/backend");
const { render, money } = require("../lib/format");

const router = express.Router();

const PAGE = `<!doctype html>
<title>{{title}}</title>
<h1>{{title}}</h1>
<p>{{{text}}}</p>
<p>{{price}}</p>`;

router.get("/", async (req, res, next) => {
  try {
    const products = await backend.get("/products/front");
    res.json(products);
  } catch (err) {
    next(err);
  }
});

router.get("/products/:sku", async (req, res, next) => {
  try {
    const product = await backend.get(`/products/${encodeURIComponent(req.params.sku)}`);
    const html = render(PAGE, { ...product, price: money(product.price) });
    res.type("html").send(html);
  } catch (err) {
    next(err);
  }
});

router.get("/sitemap.txt", async (req, res, next) => {
  try {
    const products = await backend.get("/products/all");
    const lines = products.map((product) => `/products/${product.sku}`);
    res.type("text/plain").send(lines.join("\n"));
  } catch (err) {
    next(err);
  }
});

module.exports = router;
