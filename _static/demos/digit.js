// The network of the lesson on MNIST reads what you write: `network` does its sums, and the rest is pen and paper.
{
  const folder = document.currentScript.src.replace(/[^/]*$/, "");
  const { root, words, find, say } = demo.open("digit", (words) => `
    <div class="demo-grid demo-top">
      <div data-paper></div>
      <div><div class="demo-row"><canvas data-seen width="28" height="28" role="img" aria-label="${words.seen}"></canvas>
          <p style="flex: 1 1 8rem">${words.sees}</p></div>
        <p role="status" class="demo-answer"></p>
        <div class="demo-bars" role="img">${[..."0123456789"].map((n) => `<b>${n}</b><span><i></i></span><em></em>`).join("")}</div></div>
    </div><p class="demo-source"></p>`);
  const { sum } = demo, seen = find("[data-seen]").getContext("2d");

  const half = (bits) => // a float16's sixteen bits as a number; without an exponent it is near zero
    (bits >> 15 ? -1 : 1) * (bits & 0x7c00 ? (1024 + (bits & 1023)) * 2 ** (((bits >> 10) & 31) - 25) : (bits & 1023) * 2 ** -24);

  function block(input, size, inside, outside, take) { // convolution 3 × 3, the largest of 2 × 2, batch normalisation, ReLU
    const wide = size + 2, padded = new Float32Array(inside * wide * wide), to = size >> 1, out = new Float32Array(outside * to * to);
    const row = (i) => Math.trunc(i / size);
    input.forEach((value, i) => (padded[(row(i) + 2 * row(row(i)) + 1) * wide + (i % size) + 1] = value));
    const [kernels, gain, shift, mean, variance] = [outside * inside * 9, outside, outside, outside, outside].map(take);
    for (let o = 0; o < outside; o++) for (let y = 0; y < to; y++) for (let x = 0; x < to; x++) {
      let largest = -Infinity;
      for (let corner = 0; corner < 4; corner++) {
        let answer = 0, k = o * inside * 9, at = (2 * y + (corner >> 1)) * wide + 2 * x + (corner & 1);
        for (let c = 0; c < inside; c++, at += wide * wide) for (let p = at; p < at + 3 * wide; p += wide, k += 3) {
          answer += kernels[k] * padded[p] + kernels[k + 1] * padded[p + 1] + kernels[k + 2] * padded[p + 2];
        }
        largest = Math.max(largest, answer);
      }
      out[(o * to + y) * to + x] = Math.max(0, (largest - mean[o]) / Math.sqrt(variance[o] + 1e-5) * gain[o] + shift[o]);
    }
    return out;
  }

  function network(pixels) { // ten logits
    let at = 0;
    const take = (count) => numbers.subarray(at, (at += count));
    const first = block(pixels.map((value) => (value - digitWeights.mean) / digitWeights.std), 28, 1, 16, take);
    const last = block(block(first, 14, 16, 32, take), 7, 32, 64, take), weights = take(10 * last.length), bias = take(10);
    return Array.from(bias, (b, digit) => b + sum(last, (value, i) => value * weights[digit * last.length + i]));
  }

  let numbers = null;
  function read(drawing) {
    const pixels = digitPicture.prepare(ink), logits = pixels && numbers && network(pixels), most = logits && Math.max(...logits);
    const powers = logits && logits.map((logit) => Math.exp(logit - most)), best = logits && logits.indexOf(most);
    const shares = powers ? powers.map((power) => power / sum(powers)) : new Array(10).fill(0);
    const said = shares.map((share) => `${(100 * share).toFixed(1)} %`), picture = seen.createImageData(28, 28);
    pixels?.forEach((value, i) => picture.data.set([255, 255, 255, 255 * value], 4 * i));
    seen.putImageData(picture, 0, 0);
    root.querySelectorAll(".demo-bars i").forEach((bar, i) => (bar.style.width = `${100 * shares[i]}%`));
    root.querySelectorAll(".demo-bars em").forEach((word, i) => (word.textContent = powers ? said[i] : ""));
    find(".demo-bars").setAttribute("aria-label", powers ? said.map((share, i) => `${i}: ${share}`).join(", ") : words.none);
    const what = powers ? "read" : pixels ? "waiting" : "empty";
    if (!drawing) say(what, powers ? words.answers.read(best, said[best]) : words.answers[what]);
    root.reading = { pixels, logits };
  }
  const { ink, tell } = demo.paper({ find, say }, read);
  function ready() { // the network's numbers, base64 of float16, are here
    const bytes = Uint8Array.from(atob(digitWeights.numbers), (letter) => letter.charCodeAt(0));
    const accuracy = (100 * digitWeights.accuracy).toFixed(2);
    numbers = Float32Array.from(new Uint16Array(bytes.buffer), half);
    find(".demo-source").textContent = words.source({ ...digitWeights, accuracy });
    tell();
  }
  // They come as a script, since a page opened as a file may load nothing else; and only when the reader is near.
  new IntersectionObserver(([entry], observer) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    document.head.append(Object.assign(document.createElement("script"), { src: `${folder}digit-weights.js`, onload: ready }));
  }, { rootMargin: "600px" }).observe(root);
  tell();
}
