let emoji = "🛒"; let total = 1;
if (!emoji in window) { total = total + 1; }
let pattern = "🛒\d"; let other = "\d";
if (total == 2) { eval(emoji); }
