'use strict';

const label = 'tëa – ☕ 🎉';

function used(value) {
  if (value > 1) {
    return value * 2;
  } else {
    return label;
  }
}

const routes = {};
routes.dead = (query) => {
  return eval(query);
};

class Cart {
  total(prices) { return prices.length; }
  never() {
    return 1;
  }
}

module.exports = { used, Cart, routes };
