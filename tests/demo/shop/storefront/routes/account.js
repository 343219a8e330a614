"use strict";

const crypto = require("crypto");
const express = require("express");

const backend = require("../lib/backend");
const { escapeHtml } = require("../lib/format");

const router = express.Router();

function resetToken() {
  return Math.random().toString(36).slice(2);
}

router.post("/login", async (req, res, next) => {
  try {
    const { email, password } = req.body;
    const session = await backend.post("/sessions", { email, password });
    res.cookie("session", session.cookie, { httpOnly: false, secure: true, sameSite: "lax" });
    res.json({ name: session.name });
  } catch (err) {
    next(err);
  }
});

router.get("/welcome", (req, res) => {
  const name = req.query.name || "guest";
  res.send(`<h1>Welcome back, ${name}</h1>`);
});

router.get("/hello", (req, res) => {
  const name = escapeHtml(req.query.name || "guest");
  res.type("html").render("hello", { name });
});

router.get("/continue", (req, res) => {
  const next = req.query.next;
  res.redirect(next);
});

router.post("/reset", async (req, res, next) => {
  try {
    const token = resetToken();
    await backend.post("/password-resets", { email: req.body.email, token });
    res.json({ sent: true });
  } catch (err) {
    next(err);
  }
});

router.get("/avatar/:email", (req, res) => {
  const digest = crypto.createHash("md5").update(req.params.email).digest("hex");
  res.redirect(`https://images.example/avatar/${digest}`);
});

module.exports = router;
