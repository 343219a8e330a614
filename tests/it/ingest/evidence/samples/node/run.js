const { used, Cart } = require('./src/server.js');
used(2);
new Cart().total([]);
