// The walk downhill of the lesson on gradients by hand: choose the inputs and the learning rate, take steps, see line, loss and path.
// All numbers are kept in float32, as PyTorch keeps them, so that a walk that explodes ends in inf and nan here too.
{
  const X = [35.7, 55.9, 58.2, 81.9, 56.3, 48.9, 33.9, 21.8, 48.4, 60.4, 68.4];
  const Y = [0.5, 14, 15, 28, 11, 8, 3, -4, 6, 13, 21].map(Math.fround);
  const mean = (values) => values.reduce((sum, value) => sum + value) / values.length;
  const deviation = Math.sqrt(mean(X.map((x) => (x - mean(X)) ** 2)));
  const LAST = 5000;
  const INPUTS = {
    raw: { change: (x) => x, box: [-0.2, 1.3, -22, 6] }, // box: w from, to; b from, to
    tenth: { change: (x) => Math.fround(0.1) * Math.fround(x), box: [-3, 9, -22, 6] },
    standardised: { change: (x) => (x - mean(X)) / deviation, box: [-18, 36, -8, 29] },
  };
  const { fround } = Math;

  const { root, words, find, say } = demo.open("descent", (words) => `
    <fieldset><legend>${words.inputs}</legend><div class="demo-row">
      ${Object.keys(INPUTS).map((name) => `<label><input type="radio" name="inputs" value="${name}"> ${words.kinds[name]}</label>`).join("")}
    </div></fieldset>
    <div class="demo-row"><label style="flex: 1">${words.rate} <input type="range" min="-5" max="0.2" step="0.05" value="-2">
      <b data-rate style="width: 5em"></b></label></div>
    <div class="demo-row">
      ${["step", "play", "reset"].map((name) => `<button data-do="${name}">${words.buttons[name]}</button>`).join("")}
    </div>
    <div class="demo-grid">
      <div><dl>${Object.entries(words.numbers).map(([name, text]) => `<dt>${text}</dt><dd data-is="${name}"></dd>`).join("")}</dl>
        <p class="demo-say" role="status"></p></div>
      <svg data-plot="map"></svg><svg data-plot="line"></svg><svg data-plot="curve"></svg>
    </div>`);
  const slider = find("[type=range]");
  const rate = () => Number((10 ** Number(slider.value)).toPrecision(2));
  const show = (value) => Number.isNaN(value) ? "nan" : Math.abs(value) === Infinity ? `${value < 0 ? "−" : ""}inf`
    : demo.number(value, 8);

  let kind = "raw", xs, step, w, b, loss, before, bottom, timer = null;
  let map, line, curve; // the three plots, drawn anew with other inputs

  // The lesson's three functions: the loss, its gradient by hand, one step.
  const errors = () => xs.map((x, i) => fround(fround(fround(w * x) + b) - Y[i]));
  const average = (values) => fround(values.reduce((sum, value) => fround(sum + value)) / values.length);
  const lossNow = () => average(errors().map((e) => fround(e * e)));
  function walk() {
    const e = errors(), gradW = average(e.map((e, i) => fround(2 * e * xs[i]))), gradB = average(e.map((e) => 2 * e));
    w = fround(w - fround(fround(rate()) * gradW));
    b = fround(b - fround(fround(rate()) * gradB));
    [before, loss, step] = [loss, lossNow(), step + 1];
    map.visit(w, b);
    curve.visit(step, loss);
  }

  // A small plot: axes with ticks, a still background, and a path that grows.
  function plot(svg, [x0, x1, xTicks, xLabel, xScale], [y0, y1, yTicks, yLabel, yScale], still = () => "") {
    const place = (value, from, to, scale = (v) => v) => (scale(value) - scale(from)) / (scale(to) - scale(from));
    const limit = (pixel) => Math.max(-3000, Math.min(3000, pixel));
    const px = (x) => limit(50 + 290 * place(x, x0, x1, xScale)), py = (y) => limit(212 - 200 * place(y, y0, y1, yScale));
    const name = `clip-${svg.dataset.plot}`;
    svg.setAttribute("viewBox", "0 0 352 252");
    svg.setAttribute("role", "img");
    svg.innerHTML = `<clipPath id="${name}"><rect x="50" y="12" width="290" height="200"/></clipPath>
      <g stroke="var(--pst-color-border)">
      ${xTicks.map((x) => `<path d="M${px(x)},12V212"/>`).join("")}${yTicks.map((y) => `<path d="M50,${py(y)}H340"/>`).join("")}</g>
      ${xTicks.map((x) => `<text x="${px(x)}" y="228" text-anchor="middle">${show(x)}</text>`).join("")}
      ${yTicks.map((y) => `<text x="45" y="${py(y) + 4}" text-anchor="end">${y >= 1e4 ? "1e" + Math.log10(y) : show(y)}</text>`).join("")}
      <text x="195" y="246" text-anchor="middle">${xLabel}</text>
      <text transform="translate(13 112) rotate(-90)" text-anchor="middle">${yLabel}</text>
      <g clip-path="url(#${name})" fill="none">${still(px, py)}
      <path data-path stroke="var(--demo-orange)" stroke-width="1.8"/><circle r="5" fill="var(--demo-orange)"/></g>`;
    let path = "", last = [NaN, NaN];
    return {
      visit(x, y) { // adds a point to the path, if it lies apart from the last one
        const at = [px(x), py(y)];
        if (at.some(Number.isNaN) || Math.hypot(at[0] - last[0], at[1] - last[1]) < 0.4) return;
        path += `${path ? "L" : "M"}${at.map((pixel) => pixel.toFixed(1))}`;
        last = at;
      },
      draw(words, ends) { // ends: a straight line instead of the path
        svg.setAttribute("aria-label", words);
        if (ends) path = ends.every(([, y]) => !Number.isNaN(y)) ? `M${ends.map(([x, y]) => [px(x), py(y)]).join("L")}` : "";
        svg.querySelector("[data-path]").setAttribute("d", path);
        const dot = svg.querySelector("circle:last-child");
        dot.setAttribute("transform", ends || !path ? "translate(-99)" : `translate(${last})`);
      },
    };
  }

  // Lines of equal loss are ellipses: the loss is a quadratic with the second derivatives a, c and 2.
  function contours(px, py) {
    const a = 2 * mean(xs.map((x) => x * x)), c = 2 * mean(xs), rest = Math.sqrt(2 - (c * c) / a);
    const ellipse = (level) => Array.from({ length: 121 }, (_, i) => {
      const size = Math.sqrt(2 * (level - bottom.loss)), angle = (Math.PI * i) / 60;
      const db = (size * Math.sin(angle)) / rest, dw = (size * Math.cos(angle) - (c / Math.sqrt(a)) * db) / Math.sqrt(a);
      return [px(bottom.w + dw).toFixed(1), py(bottom.b + db).toFixed(1)];
    }).join("L");
    const levels = Array.from({ length: 12 }, (_, i) => 10 ** (0.6 + (3.4 * i) / 11));
    const [x, y] = [px(bottom.w), py(bottom.b)];
    return `<g stroke="currentColor" opacity="0.35">${levels.map((level) => `<path d="M${ellipse(level)}"/>`).join("")}</g>
      <path d="M${x - 6},${y}h12M${x},${y - 6}v12" stroke="var(--demo-green)" stroke-width="3"/>`;
  }

  function reset() {
    pause();
    [xs, step, w, b] = [X.map((x) => fround(INPUTS[kind].change(fround(x)))), 0, 1, 0];
    [loss, before] = [lossNow(), NaN];
    const slope = mean(xs.map((x, i) => x * Y[i])) - mean(xs) * mean(Y), spread = mean(xs.map((x) => x * x)) - mean(xs) ** 2;
    bottom = { w: slope / spread, b: mean(Y) - (slope / spread) * mean(xs) };
    bottom.loss = mean(xs.map((x, i) => (bottom.w * x + bottom.b - Y[i]) ** 2));
    const [w0, w1, b0, b1] = INPUTS[kind].box, to = (x) => INPUTS[kind].change(x), log = (v) => Math.log(v);
    const ticks = { raw: [0, 0.5, 1], tenth: [-3, 0, 3, 6], standardised: [-10, 0, 10, 20, 30] }[kind];
    map = plot(find("[data-plot=map]"), [w0, w1, ticks, words.numbers.w], [b0, b1, [-20, -10, 0, 10, 20].filter((v) => v > b0 && v < b1), words.numbers.b], contours);
    const points = (px, py) => xs.map((x, i) => `<circle cx="${px(x)}" cy="${py(Y[i])}" r="4.5" fill="var(--demo-blue)"/>`).join("");
    const readings = { raw: [20, 40, 60, 80], tenth: [2, 4, 6, 8], standardised: [-1, 0, 1] }[kind];
    line = plot(find("[data-plot=line]"), [to(15), to(88), readings, words.axes.reading(words.kinds[kind])], [-10, 40, [0, 20, 40], words.axes.temperature], points);
    curve = plot(find("[data-plot=curve]"), [0, LAST, [0, 10, 100, 1000], words.axes.steps, (v) => Math.log1p(v)], [1, 1e8, [1, 100, 1e4, 1e6, 1e8], words.axes.loss, log]);
    map.visit(w, b);
    curve.visit(0, loss);
    draw();
  }

  function verdict() {
    if (step === 0) return "start";
    if (Number.isNaN(loss)) return "nan";
    if (loss === Infinity) return "inf";
    if (loss > before && loss > bottom.loss * 1.001) return "rose";
    if (loss < bottom.loss * 1.001) return "bottom";
    return before - loss < 1e-3 * loss ? "crawls" : "fell";
  }

  function draw() {
    find("[data-rate]").textContent = show(rate());
    slider.setAttribute("aria-valuetext", show(rate()));
    for (const [name, value] of Object.entries({ step, loss, w, b })) find(`[data-is=${name}]`).textContent = show(value);
    const span = [15, 88].map((x) => INPUTS[kind].change(x));
    map.draw(words.map(show(w), show(b), bottom.w.toFixed(2), bottom.b.toFixed(2)));
    line.draw(words.line(show(w), show(b)), span.map((x) => [x, w * x + b]));
    curve.draw(words.curve(step, show(loss)));
    find("[data-do=play]").textContent = timer ? words.buttons.pause : words.buttons.play;
    if (timer) return;
    const what = verdict();
    say(what, words.verdicts[what]);
  }

  function pause() {
    cancelAnimationFrame(timer);
    timer = null;
  }

  function play() { // one step a picture at first, then ever more; who wants no motion sees the end at once
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const many = still ? LAST : Math.ceil(step / 60) || 1;
    for (let i = 0; i < many && !over(); i++) walk();
    timer = over() ? null : requestAnimationFrame(play);
    draw();
  }

  const over = () => step >= LAST || Number.isNaN(loss);
  const actions = { step: () => (pause(), over() || walk(), draw()), play: () => (timer ? (pause(), draw()) : play()), reset };
  root.addEventListener("click", ({ target }) => actions[target.dataset.do]?.());
  slider.addEventListener("input", () => draw());
  root.addEventListener("change", ({ target }) => target.name === "inputs" && ((kind = target.value), reset()));
  find("[value=raw]").checked = true;
  reset();
}
