"use strict";

const express = require("express");

const backend = require("../lib/backend");

const router = express.Router();

router.get("/", async (req, res, next) => {
  const term = req.query.q || "";
  try {
    const found = await backend.get(`/search/?q=${encodeURIComponent(term)}`);
    if (found.products.length === 0) {
      return res.send("<p>Nothing found for <b>" + term + "</b></p>");
    }
    res.json(found);
  } catch (err) {
    next(err);
  }
});

router.get("/brands", async (req, res, next) => {
  try {
    const brands = await backend.get("/brands");
    const wanted = new RegExp(req.query.pattern, "i");
    res.json(brands.filter((brand) => wanted.test(brand.name)));
  } catch (err) {
    next(err);
  }
});

module.exports = router;
