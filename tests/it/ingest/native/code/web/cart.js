var emoji = "🛒"; var total = 1;
if (!emoji in window) { total = total + 1; }
var pattern = "🛒\d"; var other = "\d";
if (total == 2) { eval(emoji); }
