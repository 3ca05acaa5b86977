// The convolution of the lesson on what is inside a network: a kernel to edit slides over a picture to draw, and makes its map.
{
  const PIXELS = 32, PLACES = 30, NINE = [...Array(9).keys()];
  const KERNELS = {
    left: [-1, 0, 1, -1, 0, 1, -1, 0, 1],
    upper: [-1, -1, -1, 0, 0, 0, 1, 1, 1],
    blur: [0.1, 0.1, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1],
    outline: [-1, -1, -1, -1, 8, -1, -1, -1, -1],
  };
  const PUOR = "7f3b08 b35806 e08214 fdb863 fee0b6 f7f7f7 d8daeb b2abd2 8073ac 542788 2d004b".split(" ") // Matplotlib's, as in the lesson
    .map((colour) => [0, 2, 4].map((at) => parseInt(colour.slice(at, at + 2), 16)));
  const { sum } = demo, short = (value) => demo.number(Number(value.toFixed(2))), clamp = (value, most) => Math.max(0, Math.min(most, value));

  const { root, words, find, say } = demo.open("convolution", (words) => `
    <div class="demo-pair">
      <div data-paper></div>
      <div><div class="demo-paper demo-map"><canvas width="${PLACES}" height="${PLACES}" tabindex="0" role="application"
          aria-describedby="demo-map-keys"></canvas><span></span></div><p id="demo-map-keys">${words.keys}</p></div>
    </div>
    <div class="demo-row">${Object.keys(KERNELS).map((name) => `<button data-do="${name}">${words.kernels[name]}</button>`).join("")}</div>
    <div class="demo-row">
      <div class="demo-nine" data-window role="img">${NINE.map(() => "<span></span>").join("")}</div><b>×</b>
      <div class="demo-nine">${NINE.map((k) => `<input type="number" step="any" inputmode="decimal" required min="-99" max="99"
        aria-label="${words.weight(Math.trunc(k / 3), k % 3)}">`).join("")}</div><div class="demo-row demo-equals"><b>=</b><b class="demo-sum"></b></div></div>
    <p role="status"></p>`);
  const { ink, canvas: paper, tell } = demo.paper({ find, say }, read);
  const weights = [...root.querySelectorAll("input")], map = find(".demo-map canvas"), picture = document.createElement("canvas");
  paper.after(Object.assign(picture, { width: PIXELS, height: PIXELS, className: "demo-pixels" }), document.createElement("span"));

  let pixels, sums, scale, kernel = KERNELS.left, row = 15, column = 15, drawing = false; // row, column: the window's upper left corner

  function look() { // the drawing in 32 × 32 pixels, from 0 to 1: each the mean of the ink on it
    const side = ink.canvas.width, wide = side / PIXELS, { data } = ink.getImageData(0, 0, side, side), grey = new Float32Array(PIXELS ** 2);
    for (let y = 0, i = 3; y < side; y++) for (let x = 0; x < side; x++, i += 4) grey[Math.trunc(y / wide) * PIXELS + Math.trunc(x / wide)] += data[i];
    return grey.map((value) => value / (255 * wide * wide));
  }
  const under = (top, left) => NINE.map((k) => pixels[(top + Math.trunc(k / 3)) * PIXELS + left + (k % 3)]); // nine pixels
  const convolve = () => Float32Array.from({ length: PLACES ** 2 }, (_, place) => { // what F.conv2d does
    const nine = under(Math.trunc(place / PLACES), place % PLACES);
    return sum(kernel, (weight, k) => weight * nine[k]);
  });

  function colour(value) { // from orange, below zero, by white to purple, above zero; the map's largest sum is darkest
    const at = 5 + (5 * value) / scale, low = Math.min(9, Math.trunc(at));
    return PUOR[low].map((part, i) => Math.round(part + (at - low) * (PUOR[low + 1][i] - part)));
  }
  const light = (rgb) => sum(rgb, (part, i) => [0.2126, 0.7152, 0.0722][i] * (part / 255) ** 2.2); // as eyes see it
  const write = (cell, text, rgb) =>
    Object.assign(Object.assign(cell, { textContent: text }).style, { background: `rgb(${rgb})`, color: light(rgb) < 0.18 ? "#fff" : "#000" });
  function paint(canvas, values, shade) {
    const brush = canvas.getContext("2d"), image = brush.createImageData(canvas.width, canvas.height);
    values.forEach((value, i) => image.data.set([...shade(value), 255], 4 * i));
    brush.putImageData(image, 0, 0);
  }

  function point() { // shows what the window sees, and the sum of its nine products
    const nine = under(row, column), value = sums[row * PLACES + column], total = short(value);
    root.querySelectorAll("[data-window] span").forEach((cell, k) => write(cell, nine[k].toFixed(1), Array(3).fill(Math.round(255 * nine[k]))));
    write(find(".demo-sum"), total, colour(value));
    find("[data-window]").setAttribute("aria-label", words.window(nine.map((pixel) => pixel.toFixed(1)).join(", ")));
    const place = ([y, x]) => ({ top: `${(100 * y) / PIXELS}%`, left: `${(100 * x) / PIXELS}%` });
    Object.assign(find("[data-paper] span").style, place([row, column]));
    Object.assign(find(".demo-map span").style, place([row + 1, column + 1]));
    if (!drawing) say("sum", words.sum(row, column, total));
  }
  function draw() { // the map anew
    sums = convolve();
    scale = sums.reduce((most, value) => Math.max(most, Math.abs(value)), 0.1);
    paint(map, sums, colour);
    map.setAttribute("aria-label", words.map(PLACES, short(Math.min(...sums)), short(Math.max(...sums))));
    point();
    root.reading = { pixels, kernel, sums };
  }
  function read(down) {
    [pixels, drawing] = [look(), down];
    paint(picture, pixels, (value) => [value, value, value].map((part) => 255 * part));
    draw();
  }
  function put(numbers) {
    weights.forEach((input, k) => (input.value = numbers[k]));
    kernel = numbers;
    draw();
  }
  function move(y, x) {
    [row, column] = [clamp(y, PLACES - 1), clamp(x, PLACES - 1)];
    point();
  }

  root.addEventListener("click", ({ target }) => target.dataset.do in KERNELS && put(KERNELS[target.dataset.do]));
  weights.forEach((input) => input.addEventListener("input", () => {
    if (!weights.every(({ validity }) => validity.valid)) return say("missing", words.missing);
    kernel = weights.map((input) => input.valueAsNumber);
    draw();
  }));
  // The window goes with the pointer, over the drawing and over the map, which lacks a rim of one pixel.
  for (const [canvas, wide, rim] of [[paper, PIXELS, 1], [map, PLACES, 0]]) for (const event of ["pointerdown", "pointermove"]) {
    canvas.addEventListener(event, ({ offsetX, offsetY }) => move(...[offsetY, offsetX].map((at) => Math.trunc((at * wide) / canvas.clientWidth) - rim)));
  }
  map.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    move(row + step[0], column + step[1]);
  });
  ink.stroke(new Path2D("M140,110H340L220,380")); // a seven
  pixels = look();
  put(KERNELS.left);
  tell();
}
