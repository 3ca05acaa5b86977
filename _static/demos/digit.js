// Lesson 11's network reads what you write. `prepare` does with the page what helpers.prepare_digit does with a picture
// of it, `network` does the sums of the lesson's network, and the rest is pen and paper.
{
  const SIDE = 480, PEN = 42, RIM = 30, PAGE = SIDE / 2 + 2 * RIM; // we see the paper at half size, in the middle of a page
  const folder = document.currentScript.src.replace(/[^/]*$/, ""), root = document.querySelector("[data-demo=digit]");
  root.innerHTML = `
    <p class="demo-title">Write a digit</p>
    <div class="demo-grid demo-top">
      <div><div class="demo-paper">
          <canvas width="${SIDE}" height="${SIDE}" tabindex="0" role="application" aria-describedby="demo-digit-keys"
            aria-label="Paper to write a digit on"></canvas><i hidden></i></div>
        <div class="demo-row" style="margin: 0.75rem 0 0"><button>Clear</button>
          <p id="demo-digit-keys" style="flex: 1 1 12rem">By keyboard: arrows move the pen, space lowers or lifts it, Delete clears.</p>
        </div></div>
      <div><div class="demo-row"><canvas data-seen width="28" height="28" role="img" aria-label="The digit, 28 by 28 pixels"></canvas>
          <p style="flex: 1 1 8rem">What the network sees: 28 × 28 pixels, white on black, in the middle.</p></div>
        <p role="status" class="demo-answer"></p>
        <div class="demo-bars" role="img">${[..."0123456789"].map((n) => `<b>${n}</b><span><i></i></span><em></em>`).join("")}</div></div>
    </div><p class="demo-source"></p>`;
  const find = (selector) => root.querySelector(selector);
  const say = (words, place = "[role=status]") => (find(place).textContent = words);
  const paper = find("canvas"), marker = find(".demo-paper i"), seen = find("[data-seen]").getContext("2d");
  const ink = Object.assign(paper.getContext("2d", { willReadFrequently: true }), { lineWidth: PEN, lineCap: "round", lineJoin: "round" });
  const round = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)); // half to even, as in Python
  const range = (values) => values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const sum = (values, weigh = (value) => value) => values.reduce((total, value, i) => total + weigh(value, i), 0);
  function percentile(values, share, zeros = 0) { // as numpy has it, between the two nearest; `zeros` more come first
    const sorted = Float32Array.from(values).sort(), place = share * (zeros + sorted.length - 1) - zeros, low = Math.floor(place);
    return place < 0 ? 0 : sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
  }

  function blur(image) { // a Gaussian of 1.2 pixels, then the median of 3 × 3
    const kernel = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / (2 * 1.2 ** 2))), total = sum(kernel);
    const calm = new Float32Array(image.length), nine = new Float32Array(9);
    for (const stride of [PAGE, 1]) {
      const smooth = new Float32Array(image.length);
      for (let i = 5 * PAGE; i < image.length - 5 * PAGE; i++) {
        let value = 0;
        for (let k = 0; k < 11; k++) value += kernel[k] * image[i + (k - 5) * stride];
        smooth[i] = value / total;
      }
      image = smooth;
    }
    for (let i = PAGE + 1; i < image.length - PAGE - 1; i++) {
      if (!image[i - 1] && !image[i] && !image[i + 1]) continue; // three zeros, and most of the rest: no ink
      for (let n = 0; n < 9; n++) {
        const value = image[i + (Math.trunc(n / 3) - 1) * PAGE + (n % 3) - 1];
        let k = n;
        for (; k && nine[k - 1] > value; k--) nine[k] = nine[k - 1];
        nine[k] = value;
      }
      calm[i] = nine[4];
    }
    return calm;
  }
  function grow(mask, times, strides) { // the paper's rim keeps what grows off the page's edge
    for (let n = 0; n < times; n++) {
      const old = mask.slice();
      for (let i = PAGE; i < old.length - PAGE; i++) if (old[i]) for (const s of strides) mask[i - s] = mask[i + s] = 1;
    }
    return mask;
  }

  function strongest(image) { // the heaviest group of strokes; those that nearly touch belong together
    const inks = image.filter((value) => value > 0), limit = 0.4 * percentile(inks, 0.995, image.length - inks.length);
    const mask = new Uint8Array(image.map((value) => value > Math.max(0.025, limit)));
    const grown = grow(grow(mask.slice(), 16, [1]), 16, [PAGE]);
    let best = [], most = 0, around = [0, 1, -1, PAGE, -PAGE];
    for (let first = grown.indexOf(1); first >= 0; first = grown.indexOf(1, first)) {
      const group = [first];
      for (let k = 0; k < group.length; k++) for (let n = 0; n < 5; n++) {
        const next = group[k] + around[n];
        if (grown[next]) next === first || group.push(next), grown[next] = 0; // the list grows while we walk along it
      }
      const strokes = group.filter((i) => mask[i]), weight = sum(strokes, (i) => image[i]);
      if (weight > most) [best, most] = [strokes, weight];
    }
    return best;
  }
  function resize(image, width, size) { // Pillow's bicubic filter along the rows; the result is turned by a quarter
    const height = image.length / width, scale = width / size, wide = Math.max(scale, 1), out = new Float32Array(size * height);
    const cubic = (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0);
    for (let x = 0; x < size; x++) {
      const centre = (x + 0.5) * scale, from = Math.max(0, Math.trunc(centre - 2 * wide + 0.5));
      const count = Math.min(width, Math.trunc(centre + 2 * wide + 0.5)) - from;
      const weights = Array.from({ length: count }, (_, i) => cubic(Math.abs((from + i - centre + 0.5) / wide))), total = sum(weights);
      for (let y = 0; y < height; y++) out[x * height + y] = sum(weights, (weight, i) => weight * image[y * width + from + i]) / total;
    }
    return out;
  }

  function prepare() { // 784 numbers from 0 to 1, or null if there is no digit
    const alpha = ink.getImageData(0, 0, SIDE, SIDE).data, grey = new Float32Array(PAGE * PAGE), turn = SIDE * 4;
    for (let y = 0; y < SIDE; y += 2) for (let x = 0, i = y * turn + 3; x < SIDE; x += 2, i += 8) {
      grey[(y / 2 + RIM) * PAGE + x / 2 + RIM] = (alpha[i] + alpha[i + 4] + alpha[i + turn] + alpha[i + turn + 4] + 2) >> 2;
    }
    const top = grey.reduce((a, b) => Math.max(a, b), 32), image = blur(grey.map((value) => value / top)), strokes = strongest(image);
    const spans = (places) => [(i) => i % PAGE, (i) => Math.trunc(i / PAGE)].map((axis) => range(places.map(axis))); // columns, rows
    if (!strokes.length || Math.max(...spans(strokes).map(([from, to]) => to - from + 1)) <= 0.1 * PAGE) return null;
    const mask = new Uint8Array(image.length), dark = percentile(strokes.map((i) => image[i]), 0.8), kept = [];
    for (const i of strokes) mask[i] = 1;
    grow(mask, 7, [1, PAGE]).forEach((near, i) => near && image[i] / dark > 0.3 && kept.push(i));
    const [[x0, x1], [y0, y1]] = spans(kept), width = x1 - x0 + 1, height = y1 - y0 + 1;
    const digit = image.map((value, i) => mask[i] * Math.min(1, value / dark)), row = (y) => (y0 + y) * PAGE;
    const box = Float32Array.from({ length: width * height }, (_, i) => digit[row(Math.trunc(i / width)) + x0 + (i % width)]);
    const [w, h] = [width / height, height / width].map((shape) => (shape < 1 ? round(20 * shape) : 20));
    let small = resize(resize(box, width, w), height, h); // turned twice: upright again
    const peak = Math.max(...small), middle = percentile(small.filter((value) => value > peak / 2), 0.5);
    small = small.map((value) => Math.max(0, Math.min(1, value / middle)));
    const centre = (axis, size) => Math.min(28 - size, Math.max(0, round(14 - sum(small, (value, i) => value * axis(i)) / sum(small))));
    const down = centre((i) => Math.trunc(i / w), h), right = centre((i) => i % w, w), field = new Float32Array(784);
    small.forEach((value, i) => (field[(down + Math.trunc(i / w)) * 28 + right + (i % w)] = value));
    return field;
  }

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

  let numbers = null, frame = null, pen = null, drawing = false; // pen: where it is, on the paper
  function read() {
    frame = null;
    const pixels = prepare(), logits = pixels && numbers && network(pixels), most = logits && Math.max(...logits);
    const powers = logits && logits.map((logit) => Math.exp(logit - most)), best = logits && logits.indexOf(most);
    const shares = powers ? powers.map((power) => power / sum(powers)) : new Array(10).fill(0);
    const words = shares.map((share) => `${(100 * share).toFixed(1)} %`), picture = seen.createImageData(28, 28);
    pixels?.forEach((value, i) => picture.data.set([255, 255, 255, 255 * value], 4 * i));
    seen.putImageData(picture, 0, 0);
    root.querySelectorAll(".demo-bars i").forEach((bar, i) => (bar.style.width = `${100 * shares[i]}%`));
    root.querySelectorAll(".demo-bars em").forEach((word, i) => (word.textContent = powers ? words[i] : ""));
    find(".demo-bars").setAttribute("aria-label", powers ? words.map((word, i) => `${i}: ${word}`).join(", ") : "No digit yet");
    if (!drawing) say(powers ? `I read a ${best} (${words[best]}).` : pixels ? "The network is on its way." : "Write a digit, large.");
    root.reading = { pixels, logits };
  }
  const soon = () => (frame ??= requestAnimationFrame(read));
  const line = (from, to) => (ink.stroke(new Path2D(`M${from}h0.01L${to}`)), soon());
  const clear = () => (ink.clearRect(0, 0, SIDE, SIDE), (drawing = false), read());
  const place = (event) => [event.offsetX, event.offsetY].map((pixel) => (pixel * SIDE) / paper.clientWidth);
  paper.addEventListener("pointerdown", (event) => {
    paper.setPointerCapture(event.pointerId);
    [pen, drawing, marker.hidden] = [place(event), true, true];
    line(pen, pen);
  });
  paper.addEventListener("pointermove", (event) => drawing && event.buttons && line(pen, (pen = place(event))));
  for (const end of ["pointerup", "pointercancel"]) paper.addEventListener(end, () => ((drawing = false), soon()));
  paper.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], " ": [0, 0] }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") clear();
    if (!move) return;
    event.preventDefault();
    const from = pen ?? [SIDE / 2, SIDE / 4];
    pen = from.map((at, i) => Math.max(PEN / 2, Math.min(SIDE - PEN / 2, at + 20 * move[i])));
    if (event.key === " ") (drawing = !drawing) ? say("The pen is down.") : read();
    if (drawing) line(from, pen);
    Object.assign(marker, { hidden: false, className: drawing ? "down" : "" });
    Object.assign(marker.style, { left: `${(100 * pen[0]) / SIDE}%`, top: `${(100 * pen[1]) / SIDE}%` });
  });
  paper.addEventListener("input", read);
  find("button").addEventListener("click", clear);
  function ready() { // the network's numbers, base64 of float16, are here
    const bytes = Uint8Array.from(atob(digitWeights.numbers), (letter) => letter.charCodeAt(0));
    const { epochs, data, accuracy, versions, date } = digitWeights, right = (100 * accuracy).toFixed(2);
    numbers = Float32Array.from(new Uint16Array(bytes.buffer), half);
    say(`The lesson's network after ${epochs} epochs: ${right} % on the test set. ${data}. ${versions}; ${date}.`, ".demo-source");
    read();
  }
  // They come as a script, since a page opened as a file may load nothing else; and only when the reader is near.
  new IntersectionObserver(([entry], observer) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    document.head.append(Object.assign(document.createElement("script"), { src: `${folder}digit-weights.js`, onload: ready }));
  }, { rootMargin: "600px" }).observe(root);
  read();
}
