// The graph of the lesson on autograd, j = 3(a + bc), one operation at a time: numbers flow down to the result, gradients back up.
{
  // Each box: where it stands, what it computes, and the inputs with the rate at which it answers each of them.
  const BOXES = {
    a: { at: [62, 44] },
    b: { at: [190, 44] },
    c: { at: [318, 44] },
    u: { at: [254, 164], formula: "b · c", run: ({ b, c }) => b * c, rates: { b: ({ c }) => c, c: ({ b }) => b } },
    v: { at: [158, 286], formula: "a + u", run: ({ a, u }) => a + u, rates: { a: () => 1, u: () => 1 } },
    j: { at: [158, 410], formula: "3 · v", run: ({ v }) => 3 * v, rates: { v: () => 3 } },
  };
  const FORWARD = ["u", "v", "j"], BACKWARD = ["v", "u"]; // after j itself, these pass their gradient on
  const END = 7;

  const { root, words, find, say } = demo.open("graph", (words) => `
    <div class="demo-grid demo-top">
      <div>
        <div class="demo-row">${["a", "b", "c"].map((name, i) =>
          `<label>${name} = <input type="number" step="any" inputmode="decimal" name="${name}" value="${[3, 5, 8][i]}"></label>`).join("")}</div>
        <div class="demo-row">${["back", "next", "end"].map((name) =>
          `<button data-do="${name}">${words.buttons[name]}</button>`).join("")}</div>
        <p class="demo-say" role="status"></p>
        <p><span style="color: var(--demo-blue)">▼ ${words.forwards}</span><br>
          <span style="color: var(--demo-orange)">▲ ${words.backwards}</span></p>
      </div>
      <svg viewBox="0 0 380 454" role="img" style="max-width: 27rem"></svg>
    </div>`);
  const show = (value) => demo.number(value);
  const factor = (value) => (value < 0 ? `(${show(value)})` : show(value)); // as it stands after a sign

  const written = (values, how) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, how(value)]));

  let step = 0;

  // Everything that is known after so many steps: values of boxes, their gradients, and the edges that carried them.
  function known() {
    const values = {}, gradients = {}, edges = {}, active = [];
    for (const name of ["a", "b", "c"]) values[name] = find(`[name=${name}]`).valueAsNumber;
    FORWARD.slice(0, step).forEach((name) => (values[name] = BOXES[name].run(values)));
    if (step > 3) gradients.j = 1;
    for (const name of ["j", ...BACKWARD].slice(0, Math.max(0, step - 4))) {
      for (const [input, rate] of Object.entries(BOXES[name].rates)) {
        gradients[input] = gradients[name] * rate(values);
        edges[input] = `${show(gradients[name])} · ${factor(rate(values))}`;
      }
    }
    if (step) active.push(...(step < 4 ? [FORWARD[step - 1]] : step === 4 ? ["j"] : Object.keys(BOXES[["j", ...BACKWARD][step - 5]].rates)));
    return { values, gradients, edges, active };
  }

  function edge(from, to, { values, edges }) {
    const [x0, y0] = BOXES[from].at, [x1, y1] = BOXES[to].at, back = from in edges;
    const start = [x0, y0 + 36], end = [x1 + (x0 - x1) * 0.3, y1 - 36];
    const [tail, tip] = back ? [end, start] : [start, end];
    const turn = (Math.atan2(tip[1] - tail[1], tip[0] - tail[0]) * 180) / Math.PI;
    const color = back ? "var(--demo-orange)" : to in values ? "var(--demo-blue)" : "var(--pst-color-border)";
    const [x, y] = [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2], width = 8 * (edges[from] ?? "").length + 8;
    const label = `<rect x="${x - width / 2}" y="${y - 10}" width="${width}" height="20" fill="var(--demo-paper)"/>
      <text x="${x}" y="${y + 5}" style="fill: ${color}" text-anchor="middle">${edges[from]}</text>`;
    return `<path d="M${tail}L${tip}" stroke="${color}" stroke-width="2.5"/>
      <path d="M2,0l-11,-6v12z" fill="${color}" transform="translate(${tip}) rotate(${turn})"/>${back ? label : ""}`;
  }

  function box(name, { values, gradients, active }) {
    const { at: [x, y], formula } = BOXES[name], leaf = !formula;
    const line = (text, dy, style) => `<text x="${x}" y="${y + dy}" text-anchor="middle" style="${style}">${text}</text>`;
    const color = leaf ? "var(--demo-green)" : "var(--demo-blue)"; // as in the lesson; orange is the way back
    return `<rect x="${x - 56}" y="${y - 33}" width="112" height="66" rx="8" fill="var(--demo-paper)" stroke="${color}"
        stroke-width="${active.includes(name) ? 4 : 1.5}" ${name in values ? "" : 'stroke-dasharray="4 4"'}/>
      ${line(leaf ? name : `${name} = ${formula}`, -14, "font-size: 15px")}
      ${name in values ? line(show(values[name]), 5, "font-weight: 700; font-size: 16px") : ""}
      ${name in gradients ? line(`grad ${show(gradients[name])}`, 24, "fill: var(--demo-orange); font-weight: 700") : ""}`;
  }

  const seen = (name, { values, gradients }) => // a box in words
    (name in values ? `${name} = ${show(values[name])}` : words.unknown(name)) + (name in gradients ? `, grad ${show(gradients[name])}` : "");

  function draw() {
    const valid = ["a", "b", "c"].every((name) => Number.isFinite(find(`[name=${name}]`).valueAsNumber));
    if (!valid) {
      say("missing", words.missing);
      return;
    }
    const state = known(), edges = Object.keys(BOXES).flatMap((to) => Object.keys(BOXES[to].rates ?? {}).map((from) => [from, to]));
    find("svg").innerHTML = edges.map(([from, to]) => edge(from, to, state)).join("") + Object.keys(BOXES).map((name) => box(name, state)).join("");
    find("svg").setAttribute("aria-label", `${words.graph} ${Object.keys(BOXES).map((name) => seen(name, state)).join("; ")}`);
    say(step, words.step(step, END, words.steps[step](written(state.values, show), written(state.gradients, show), written(state.values, factor))));
    find("[data-do=next]").textContent = step < END ? words.buttons.next : words.buttons.again;
  }

  const moves = { back: () => Math.max(0, step - 1), next: () => (step + 1) % (END + 1), end: () => END };
  root.addEventListener("click", ({ target }) => {
    if (!(target.dataset.do in moves)) return;
    step = moves[target.dataset.do]();
    draw();
  });
  root.addEventListener("input", draw);
  draw();
}
