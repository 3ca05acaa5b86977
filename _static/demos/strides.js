// The storage of the lesson on tensors, and a note to rewrite: shape, strides and offset say which number stands where in x.
{
  const START = { shape: [3, 4], strides: [4, 1], offset: 0, storage: Array.from({ length: 12 }, (_, place) => place) };
  const COLOURS = ["#f0e442", "#d55e00", "#56b4e9", "#009e73"]; // of the rows, as in the lesson
  const MOST = [6, 12], TOP = 1.9; // the largest sizes in two dimensions and in one; the upper edge of the storage's boxes

  const product = (sizes) => sizes.reduce((total, size) => total * size, 1);
  const places = ({ shape, strides, offset }) => // where each element lies in the storage, row by row
    shape.reduce((found, size, dim) => found.flatMap((place) => Array.from({ length: size }, (_, i) => place + i * strides[dim])), [offset]);

  // What an operation changes in the note, or nothing if x has too few rows or columns for it.
  const OPERATIONS = {
    "x.t()": ({ shape, strides }) => ({ shape: [...shape].reverse(), strides: [...strides].reverse() }),
    "x[1:]": ({ shape: [size, ...rest], strides, offset }) => size > 1 && { shape: [size - 1, ...rest], offset: offset + strides[0] },
    "x[:, ::2]": ({ shape: [rows, columns], strides: [down, right] }) =>
      columns > 1 && { shape: [rows, Math.ceil(columns / 2)], strides: [down, 2 * right] },
  };
  const shapes = (count) => [[count], ...[2, 3, 4, 5, 6].map((rows) => [rows, count / rows])] // with so many elements
    .filter((shape) => Number.isInteger(shape.at(-1)) && shape.at(-1) > 1 && shape.at(-1) <= MOST[2 - shape.length]);

  // The strides with which another shape reads the same places in the same order; or else the first step, and one that differs.
  function view(x, shape) {
    const wanted = places(x), step = (dim) => product(shape.slice(dim + 1));
    const strides = shape.map((_, dim) => wanted[step(dim)] - wanted[0]);
    const wrong = places({ shape, strides, offset: wanted[0] }).findIndex((place, i) => place !== wanted[i]);
    if (wrong < 0) return { shape, strides };
    const dim = wrong % shape.at(-1) ? shape.length - 1 : 0;
    return { shape, dim, steps: [[wanted[0], wanted[step(dim)]], [wanted[wrong - step(dim)], wanted[wrong]]] };
  }

  const { root, words, find, say } = demo.open("strides", (words) => `
    <div class="demo-grid demo-top">
      <div>
        <div class="demo-row demo-note">${["shape", "strides", "offset"].map((name) => `<fieldset><legend>${words.note[name]}</legend>
          ${words.fields[name].map((label) => `<input type="number" inputmode="numeric" name="${name}" aria-label="${label}"
            required min="${name === "shape" ? 1 : 0}">`).join(" ")}</fieldset>`).join("")}</div>
        <div class="demo-row">${[...Object.keys(OPERATIONS), "reset"].map((name) =>
          `<button data-do="${name}">${words[name] ?? name}</button>`).join("")}</div>
        <div class="demo-row" data-views></div>
        <p class="demo-say" role="status"></p>
      </div>
      <div class="demo-storage"><svg viewBox="0 0 12 4.8" role="img"></svg><div class="demo-cells" role="grid" aria-label="x"></div>
        <p data-place></p></div>
    </div>`);
  const fields = (name) => [...root.querySelectorAll(`[name=${name}]`)].filter((field) => !field.hidden);

  let x = START, chosen = 6, failed = null; // which element; what a view that failed has found

  const index = (at) => (x.shape.length > 1 ? [Math.trunc(at / x.shape[1]), at % x.shape[1]] : [at]);
  function state() { // what is to be said of the note
    const read = places(x), last = x.storage.length - 1;
    if (Math.max(...read) > last) return ["beyond", words.states.beyond(Math.max(...read), last)];
    const name = read.every((place, i) => place === read[0] + i) ? "contiguous" : new Set(read).size < read.length ? "repeats" : "jumps";
    return [name, words.states[name]];
  }

  function arc([from, to], side, look = "") { // an arrow from one place to another, above the boxes (1) or below them (-1)
    const [a, b, y] = [from + 0.5, to + 0.5, side > 0 ? TOP : TOP + 1], high = side * Math.min(1.8, 0.6 + 0.3 * Math.abs(b - a));
    const round = a === b ? 0.7 : 0; // no step at all is a loop
    return `<path d="M${a},${y}C${a - round},${y - high} ${b + round},${y - high} ${b},${y}" fill="none" stroke="currentcolor" stroke-width="0.08" ${look}/>
      <path d="M${b},${y}l-0.16,${-0.32 * side}h0.32z" fill="currentcolor"/>`;
  }
  const label = (text, y, x = 0.1) => `<text x="${x}" y="${y}" style="fill: currentcolor; font-size: 0.5px">${text}</text>`;
  function walk() { // from the offset to the chosen element, one dimension after the other
    let at = x.offset;
    const steps = index(chosen).map((count, dim) => [Array.from({ length: count }, () => [at, (at += x.strides[dim])]), dim ? -1 : 1, dim, count]);
    return `<circle cx="${x.offset + 0.5}" cy="${TOP}" r="0.15" fill="currentcolor"/>` + steps.map(([jumps, side, dim, count]) =>
      jumps.map((jump) => arc(jump, side)).join("") + label(words.walk(dim, count, x.strides[dim]), side > 0 ? 0.5 : 4.6)).join("");
  }
  const by = ([from, to]) => demo.number(to - from).replace(/^\d/, "+$&"); // how far a step leads
  function clash() { // two steps along one dimension that differ
    const [right, wrong] = failed.steps;
    return `${arc(right, 1)}${label(by(right), 0.5)}<g style="color: var(--demo-orange)">
      ${arc(wrong, -1, 'stroke-dasharray="0.2 0.12"')}${label(by(wrong), 4.6)}</g>`;
  }

  const colour = (at) => COLOURS[Math.trunc(at / x.shape.at(-1)) % 4];
  function mark() { // shows the chosen element, and how it is found in the storage
    const read = places(x);
    for (const cell of root.querySelectorAll("[data-at]")) {
      cell.setAttribute("aria-selected", Number(cell.dataset.at) === chosen);
      cell.tabIndex = Number(cell.dataset.at) === chosen ? 0 : -1;
    }
    find("svg").innerHTML = x.storage.map((number, place) => {
      const at = read.lastIndexOf(place), here = place === read[chosen] && !failed;
      return `<rect x="${place + 0.04}" y="${TOP}" width="0.92" height="1" fill="${at < 0 ? "none" : colour(at)}" stroke="${here ? "currentcolor" : "#767676"}"
        stroke-width="${here ? 0.12 : 0.04}"/><text x="${place + 0.5}" y="${TOP + 0.67}" text-anchor="middle"
        style="font-size: 0.5px; fill: ${at < 0 ? "currentcolor" : "#000"}">${number}</text>`;
    }).join("") + `<g style="color: var(--demo-purple)">${failed ? clash() : walk()}</g>`;
    find("svg").setAttribute("aria-label", words.storage(x.storage.join(", "), read.join(", ")));
    const terms = index(chosen).map((count, dim) => `${count} · ${x.strides[dim]}`);
    find("[data-place]").textContent = words.place(index(chosen).join(", "), [x.offset, ...terms].join(" + "), read[chosen]);
  }

  function draw() {
    const held = document.activeElement?.dataset.key?.replace(/^at-.*/, `at-${chosen}`), read = places(x), width = x.shape.at(-1);
    const ok = Math.max(...read) < x.storage.length;
    for (const name of ["shape", "strides"]) root.querySelectorAll(`[name=${name}]`).forEach((field, dim) => (field.hidden = dim >= x.shape.length));
    for (const field of fields("shape")) field.max = MOST[2 - x.shape.length];
    for (const name of ["shape", "strides", "offset"]) fields(name).forEach((field, dim) => {
      const value = [x[name]].flat()[dim];
      if (field.valueAsNumber !== value) field.value = value;
    });
    for (const [name, run] of Object.entries(OPERATIONS)) find(`[data-do="${name}"]`).disabled = !(ok && run(x));
    find("[data-views]").innerHTML = ok ? shapes(read.length).map((shape) => {
      const fits = view(x, shape).strides, copies = String(failed?.shape) === String(shape);
      return `<button data-key="${shape}" ${fits ? "" : "data-fails"}>${copies ? "reshape" : "view"}(${shape.join(", ")})
        ${fits ? "" : copies ? words.copies : words.fails}</button>`;
    }).join("") : "";
    find("[role=grid]").innerHTML = Array.from({ length: read.length / width }, (_, r) => `<div role="row">${read.slice(r * width, (r + 1) * width)
      .map((place, c) => [place, r * width + c]).map(([place, at]) => `<span role="gridcell" data-key="at-${at}" data-at="${at}"
        style="background: ${colour(at)}"
        aria-label="${words.cell(x.storage[place] ?? "?", place)}">${x.storage[place] ?? "?"}</span>`).join("")}</div>`).join("");
    mark();
    find(`[data-key="${held}"]`)?.focus();
  }

  function become(next, told = "") { // x with another note, or another storage
    [x, failed] = [{ ...x, ...next }, null];
    chosen = Math.min(chosen, product(x.shape) - 1);
    draw();
    const [name, text] = state();
    say(name, `${told} ${text}`.trim());
  }
  function operate(name) { // and go along with the number that was chosen
    const next = { ...x, ...OPERATIONS[name](x) };
    chosen = Math.max(0, places(next).indexOf(places(x)[chosen]));
    become(next, words.done[name]);
  }
  function tryView(shape) {
    const found = view(x, shape), storage = places(x).map((place) => x.storage[place]);
    const strides = shape.map((_, dim) => product(shape.slice(dim + 1)));
    if (found.strides) return become(found, words.viewed);
    if (String(failed?.shape) === String(shape)) return become({ shape, strides, offset: 0, storage }, words.copied);
    failed = found;
    draw();
    say("fails", words.because(shape.join(", "), found.dim, ...found.steps.map(([from, to]) => [by([from, to]), from, to])));
  }
  function choose(at) {
    if (at === chosen) return;
    chosen = at;
    failed ? become({}) : mark();
  }

  root.addEventListener("click", ({ target }) => {
    const { do: name, key } = target.dataset;
    if (name === "reset") {
      chosen = 6;
      become(START);
    } else if (name) operate(name);
    else if (target.matches("[data-views] button")) tryView(key.split(",").map(Number));
  });
  root.addEventListener("input", () => {
    const note = ["shape", "strides", "offset"].map(fields);
    if (!note.flat().every((field) => field.validity.valid)) return say("missing", words.missing(MOST[2 - x.shape.length]));
    const [shape, strides, [offset]] = note.map((part) => part.map((field) => field.valueAsNumber));
    become({ shape, strides, offset });
  });
  for (const event of ["pointerdown", "pointermove", "focusin"]) find("[role=grid]").addEventListener(event, ({ target }) => target.dataset.at && choose(Number(target.dataset.at)));
  find("[role=grid]").addEventListener("keydown", (event) => {
    const at = index(chosen), dim = { ArrowUp: 0, ArrowDown: 0, ArrowLeft: at.length - 1, ArrowRight: at.length - 1 }[event.key];
    if (dim === undefined) return;
    event.preventDefault();
    const to = at[dim] + (/Right|Down/.test(event.key) ? 1 : -1);
    if (to >= 0 && to < x.shape[dim]) choose(chosen + (to - at[dim]) * product(x.shape.slice(dim + 1)));
    find("[aria-selected=true]").focus();
  });
  become({});
}
