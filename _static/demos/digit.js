// The network of the lesson on MNIST reads what you write: `network` does its sums, and the rest is pen and paper.
{
  const { SIDE, prepare } = digitPicture, PEN = 42;
  const folder = document.currentScript.src.replace(/[^/]*$/, ""), root = document.querySelector("[data-demo=digit]"), words = demoWords.digit;
  root.innerHTML = `
    <p class="demo-title">${words.title}</p>
    <div class="demo-grid demo-top">
      <div><div class="demo-paper">
          <canvas width="${SIDE}" height="${SIDE}" tabindex="0" role="application" aria-describedby="demo-digit-keys"
            aria-label="${words.paper}"></canvas><i hidden></i></div>
        <div class="demo-row" style="margin: 0.75rem 0 0"><button data-do="clear">${words.clear}</button>
          <p id="demo-digit-keys" style="flex: 1 1 12rem">${words.keys}</p></div></div>
      <div><div class="demo-row"><canvas data-seen width="28" height="28" role="img" aria-label="${words.seen}"></canvas>
          <p style="flex: 1 1 8rem">${words.sees}</p></div>
        <p role="status" class="demo-answer"></p>
        <div class="demo-bars" role="img">${[..."0123456789"].map((n) => `<b>${n}</b><span><i></i></span><em></em>`).join("")}</div></div>
    </div><p class="demo-source"></p>`;
  const find = (selector) => root.querySelector(selector);
  const say = (what, text = words.answers[what]) => Object.assign(find("[role=status]"), { textContent: text }).dataset.says = what;
  const paper = find("canvas"), marker = find(".demo-paper i"), seen = find("[data-seen]").getContext("2d");
  const ink = Object.assign(paper.getContext("2d", { willReadFrequently: true }), { lineWidth: PEN, lineCap: "round", lineJoin: "round" });
  const sum = (values, weigh = (value) => value) => values.reduce((total, value, i) => total + weigh(value, i), 0);

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

  let numbers = null, frame = null, pen = null, drawing = false, hand = null; // pen: where it is; hand: who holds it
  function read() {
    frame = null;
    const pixels = prepare(ink), logits = pixels && numbers && network(pixels), most = logits && Math.max(...logits);
    const powers = logits && logits.map((logit) => Math.exp(logit - most)), best = logits && logits.indexOf(most);
    const shares = powers ? powers.map((power) => power / sum(powers)) : new Array(10).fill(0);
    const said = shares.map((share) => `${(100 * share).toFixed(1)} %`), picture = seen.createImageData(28, 28);
    pixels?.forEach((value, i) => picture.data.set([255, 255, 255, 255 * value], 4 * i));
    seen.putImageData(picture, 0, 0);
    root.querySelectorAll(".demo-bars i").forEach((bar, i) => (bar.style.width = `${100 * shares[i]}%`));
    root.querySelectorAll(".demo-bars em").forEach((word, i) => (word.textContent = powers ? said[i] : ""));
    find(".demo-bars").setAttribute("aria-label", powers ? said.map((share, i) => `${i}: ${share}`).join(", ") : words.none);
    if (powers && !drawing) say("read", words.answers.read(best, said[best]));
    else if (!drawing) say(pixels ? "waiting" : "empty");
    root.reading = { pixels, logits };
  }
  const soon = () => (frame ??= requestAnimationFrame(read));
  const line = (from, to) => (ink.stroke(new Path2D(`M${from}h0.01L${to}`)), soon());
  const clear = () => (ink.clearRect(0, 0, SIDE, SIDE), (drawing = false), read());
  const place = (event) => [event.offsetX, event.offsetY].map((pixel) => (pixel * SIDE) / paper.clientWidth);
  // One hand writes at a time: a pen before a finger, and a finger that moves before a palm that rests, whose ink goes.
  const yields = ({ kind, way }, to) => (kind === to ? way < PEN : to === "pen");
  paper.addEventListener("pointerdown", (event) => {
    const { pointerId: id, pointerType: kind } = event;
    if (hand && !yields(hand, kind)) return;
    if (hand) ink.putImageData(hand.before, 0, 0);
    hand = { id, kind, way: 0, before: ink.getImageData(0, 0, SIDE, SIDE) };
    paper.setPointerCapture(id);
    [pen, drawing, marker.hidden] = [place(event), true, true];
    line(pen, pen);
  });
  paper.addEventListener("pointermove", (event) => {
    if (hand?.id !== event.pointerId) return;
    const from = pen;
    line(from, (pen = place(event)));
    hand.way += Math.hypot(pen[0] - from[0], pen[1] - from[1]);
  });
  for (const end of ["pointerup", "pointercancel"]) paper.addEventListener(end, (event) => {
    if (hand?.id === event.pointerId) [drawing, hand] = [false, null], soon();
  });
  paper.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], " ": [0, 0] }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") clear();
    if (!move) return;
    event.preventDefault();
    const from = pen ?? [SIDE / 2, SIDE / 4];
    pen = from.map((at, i) => Math.max(PEN / 2, Math.min(SIDE - PEN / 2, at + 20 * move[i])));
    if (event.key === " ") (drawing = !drawing) ? say("down") : read();
    if (drawing) line(from, pen);
    Object.assign(marker, { hidden: false, className: drawing ? "down" : "" });
    Object.assign(marker.style, { left: `${(100 * pen[0]) / SIDE}%`, top: `${(100 * pen[1]) / SIDE}%` });
  });
  paper.addEventListener("input", read);
  find("[data-do=clear]").addEventListener("click", clear);
  function ready() { // the network's numbers, base64 of float16, are here
    const bytes = Uint8Array.from(atob(digitWeights.numbers), (letter) => letter.charCodeAt(0));
    const accuracy = (100 * digitWeights.accuracy).toFixed(2);
    numbers = Float32Array.from(new Uint16Array(bytes.buffer), half);
    find(".demo-source").textContent = words.source({ ...digitWeights, accuracy });
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
