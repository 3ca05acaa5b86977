// What demos share: their place in the page and their words, how they find, say and write things, and a lesson's numbers.
globalThis.demo = {
  folder: document.currentScript.src.replace(/[^/]*$/, ""),
  open(name, inside) { // fills a demo's place with its title and what `inside` makes of its words
    const root = document.querySelector(`[data-demo=${name}]`), words = demoWords[name];
    root.innerHTML = `<p class="demo-title">${words.title}</p>${inside(words)}`;
    const find = (selector) => root.querySelector(selector);
    const say = (what, text) => Object.assign(find("[role=status]"), { textContent: text }).dataset.says = what;
    return { root, words, find, say };
  },
  // What is large comes as a script, since a page opened as a file may load nothing else; and only when it is wanted.
  load: (name) => new Promise((onload) =>
    document.head.append(Object.assign(document.createElement("script"), { src: `${demo.folder}${name}.js`, onload }))),
  near: (root, then) => new IntersectionObserver(([entry], observer) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    then();
  }, { rootMargin: "600px" }).observe(root),
  bytes: (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),
  numbers(base64) { // of float16
    const half = (bits) => // sixteen bits as a number; without an exponent it is near zero
      (bits >> 15 ? -1 : 1) * (bits & 0x7c00 ? (1024 + (bits & 1023)) * 2 ** (((bits >> 10) & 31) - 25) : (bits & 1023) * 2 ** -24);
    return Float32Array.from(new Uint16Array(demo.bytes(base64).buffer), half);
  },
  number: (value, digits = 6) => String(Number(value.toPrecision(digits))).replace("-", "−"),
  softmax(scores) {
    const most = Math.max(...scores), powers = scores.map((score) => Math.exp(score - most)), total = demo.sum(powers);
    return powers.map((power) => power / total);
  },
  sum: (values, weigh = (value) => value) => values.reduce((total, value, i) => total + weigh(value, i), 0),
};
