"use strict";

(function () {
  const list = document.getElementById("results");
  const box = document.getElementById("search");

  function show(products) {
    list.textContent = "";
    for (const product of products) {
      const item = document.createElement("li");
      const title = document.createElement("strong");
      title.textContent = product.title;
      item.append(title, " ", (product.price / 100).toFixed(2));
      list.append(item);
    }
  }

  function note(text) {
    list.innerHTML = "<li class='note'>" + text + "</li>";
  }

  async function search() {
    const answer = await fetch("/search/?q=" + encodeURIComponent(box.value));
    if (!answer.ok) {
      return note("Nothing found for " + box.value);
    }
    const found = await answer.json();
    show(found.products);
  }

  box.addEventListener("change", search);
})();
