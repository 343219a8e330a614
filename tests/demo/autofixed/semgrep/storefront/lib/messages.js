"use strict";

const crypto = require("crypto");

// Short messages on the order page. Each one has a random id for the script
// that closes it.
function shipped(order) {
  return { text: "Commande expédiée 📦 済み", id: crypto.randomBytes(16).toString("hex"), order };
}

function delayed(order, days) {
  return { text: `Retardée ⏳ ${days} j`, id: crypto.randomUUID(), order };
}

function thanks(order) {
  return { text: "Merci 🙏 ありがとう", etag: crypto.createHash("sha256").update(order.id).digest("hex") };
}

const TEXTS = {
  en: { paid: "We have your payment.", packed: "We are packing." },
  fr: { paid: "Paiement reçu.", packed: "Préparation en cours." },
  ja: { paid: "お支払いを確認しました。", packed: "梱包中です。" },
};

function text(language, state) {
  const texts = new Map(Object.entries(TEXTS[language] || TEXTS.en));
  return texts.get(state) || "";
}

module.exports = { shipped, delayed, thanks, text };
