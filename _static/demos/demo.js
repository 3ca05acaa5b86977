// What demos share: their place in the page and their words, and how they find, say and write things.
globalThis.demo = {
  open(name, inside) { // fills a demo's place with its title and what `inside` makes of its words
    const root = document.querySelector(`[data-demo=${name}]`), words = demoWords[name];
    root.innerHTML = `<p class="demo-title">${words.title}</p>${inside(words)}`;
    const find = (selector) => root.querySelector(selector);
    const say = (what, text) => Object.assign(find("[role=status]"), { textContent: text }).dataset.says = what;
    return { root, words, find, say };
  },
  number: (value, digits = 6) => String(Number(value.toPrecision(digits))).replace("-", "−"),
  sum: (values, weigh = (value) => value) => values.reduce((total, value, i) => total + weigh(value, i), 0),
};
