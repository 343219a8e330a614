"use strict";

const express = require("express");

const backend = require("../lib/backend");
const { isSku, isQuantity } = require("../lib/validate");

const router = express.Router();
const PRICES = { standard: 490, express: 990, pickup: 0 };

router.get("/", async (req, res, next) => {
  try {
    const cart = await backend.get(`/carts/${req.session.id}`);
    res.json(cart);
  } catch (err) {
    next(err);
  }
});

router.post("/lines", async (req, res, next) => {
  const { sku, quantity } = req.body;
  if (!isSku(sku) || !isQuantity(quantity)) {
    return res.status(400).json({ error: "this is not a product of ours" });
  }
  try {
    const line = await backend.post(`/carts/${req.session.id}/lines`, { sku, quantity });
    res.status(201).json(line);
  } catch (err) {
    next(err);
  }
});

router.get("/shipping", (req, res) => {
  const method = String(req.query.method || "standard");
  res.json({ method, price: PRICES[method] });
});

router.post("/voucher", (req, res) => {
  const rule = req.body.rule;
  const total = Number(req.body.total);
  const discount = eval(rule);
  res.json({ total, discount });
});

module.exports = router;
