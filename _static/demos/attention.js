// The transformer of the lesson on attention writes a line of yours backwards; each letter that it writes shows where it looked.
{
  const SIGNS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ→"], WIDTH = 64, PLACES = 20, MOST = 12, LINE = "STRAWBERRY"; // as in the lesson
  const HIGH = 5, SEEN = 0.05; // of the picture between the rows, in cells; a smaller weight is not drawn
  const { root, words, find, say } = demo.open("attention", (words) => `
    <div class="demo-row"><label>${words.line} <input type="text" value="${LINE}" maxlength="${MOST}" autocomplete="off" autocapitalize="characters"
        autocorrect="off" spellcheck="false"></label></div>
    <div class="demo-row">${Object.keys(words.buttons).map((name) => `<button data-do="${name}">${words.buttons[name]}</button>`).join("")}</div>
    <div class="demo-looks">
      <p>${words.reads}</p><div class="demo-signs" data-line></div>
      <svg preserveAspectRatio="none" role="img" aria-label="${words.waiting}"></svg>
      <div class="demo-signs" role="radiogroup" aria-label="${words.written}">${Array.from({ length: PLACES / 2 }, (_, k) =>
        `<label hidden><input type="radio" name="written" value="${k}"><b></b><small></small></label>`).join("")}</div>
      <p>${words.writes}</p>
    </div>
    <p data-look></p><p role="status" class="demo-say"></p><p class="demo-source" data-source></p>`);
  const field = find("[type=text]"), picture = find("svg"), answers = [...root.querySelectorAll("[role=radiogroup] label")];

  const best = (numbers) => numbers.indexOf(Math.max(...numbers));
  const dot = (a, b) => demo.sum(a, (value, i) => value * b[i]);
  const plus = (a, b) => a.map((value, i) => value + b[i]);

  function transformer(numbers) { // a function that begins a row, and so one that reads its next sign: what lies ahead is not there yet
    let at = 0;
    const take = (count) => numbers.subarray(at, (at += count)); // in the order of the state_dict
    const linear = (inputs, outputs, bias = true) => {
      const rows = Array.from({ length: outputs }, () => take(inputs)), shift = bias ? take(outputs) : null;
      return (x) => rows.map((row, i) => dot(row, x) + (shift?.[i] ?? 0));
    };
    const norm = () => {
      const gain = take(WIDTH), shift = take(WIDTH);
      return (x) => {
        const mean = demo.sum(x) / WIDTH, deviation = Math.sqrt(demo.sum(x, (value) => (value - mean) ** 2) / WIDTH + 1e-5);
        return x.map((value, i) => ((value - mean) / deviation) * gain[i] + shift[i]);
      };
    };
    const table = (count) => Array.from({ length: count }, () => [...take(WIDTH)]);
    const letters = table(SIGNS.length), places = table(PLACES), before = [norm(), norm()], mix = linear(WIDTH, 3 * WIDTH, false);
    const mlp = [linear(WIDTH, 2 * WIDTH), linear(2 * WIDTH, WIDTH)], last = norm(), head = linear(WIDTH, SIGNS.length);
    return () => {
      const keys = [], values = [];
      return (sign) => {
        const x = plus(letters[sign], places[keys.length]), mixed = mix(before[0](x));
        const [query, key, value] = [0, 1, 2].map((part) => mixed.slice(part * WIDTH, (part + 1) * WIDTH));
        keys.push(key), values.push(value);
        const weights = demo.softmax(keys.map((key) => dot(query, key) / Math.sqrt(WIDTH)));
        const seen = plus(x, value.map((_, i) => demo.sum(weights, (weight, place) => weight * values[place][i])));
        const thought = mlp[1](mlp[0](before[1](seen)).map((one) => Math.max(0, one)));
        return { weights, logits: head(last(plus(seen, thought))) };
      };
    };
  }

  let begin = null, line = [], written = [], chosen = 0; // begins a row; signs; what was written, with weights and logits
  function write() { // as many letters as the line has, or as there are places for
    const read = begin();
    line.forEach((sign) => read(sign));
    written = [];
    for (let sign = SIGNS.length - 1; written.length < line.length && line.length + written.length < PLACES;) {
      const answer = read(sign);
      sign = best(answer.logits);
      written.push({ ...answer, sign });
    }
    chosen = Math.min(chosen, written.length - 1);
  }
  const wanted = (k) => line.at(-1 - k);
  const sign = (place) => SIGNS[[...line, SIGNS.length - 1, ...written.map(({ sign }) => sign)][place]];

  function curve(k, place, weight) { // from a letter that was written to a place of the row above it, or of its own
    const own = place - line.length - 1, to = (own < 0 ? place : own) + 0.5, middle = HIGH / 2;
    const end = own < 0 ? `${k + 0.5},${middle} ${to},${middle} ${to},0` : `${k + 0.5},${middle} ${to},${middle} ${to},${HIGH}`;
    return `<path d="M${k + 0.5},${HIGH}C${end}" style="stroke-width: ${(k === chosen ? 6 : 2) * weight}px" ${k === chosen ? "data-chosen" : ""}/>`;
  }
  function told(k) { // where a letter's place looked, in words
    const { weights, logits, sign: letter } = written[k], place = best(weights);
    return words.look({ asks: line.length + k, reads: sign(line.length + k), place, sign: sign(place), weight: weights[place].toFixed(2),
      letter: SIGNS[letter], share: `${(100 * Math.max(...demo.softmax(logits))).toFixed(1)}\u00a0%` });
  }
  function mark() { // the chosen letter, and where it looked
    const { weights } = written[chosen], shade = (place) => `${Math.round(100 * (weights[place] ?? 0))}%`;
    [...find("[data-line]").children].forEach((cell, place) => cell.style.setProperty("--weight", shade(place)));
    answers.forEach((label, k) => {
      label.firstChild.checked = k === chosen;
      label.toggleAttribute("data-ahead", k > chosen);
      label.style.setProperty("--weight", shade(line.length + 1 + k));
    });
    const order = written.map((_, k) => k).sort((a, b) => (a === chosen) - (b === chosen)); // the chosen one last, on top
    picture.innerHTML = order.flatMap((k) => written[k].weights.map((weight, place) => (weight < SEEN ? "" : curve(k, place, weight)))).join("");
    find("[data-look]").textContent = told(chosen);
    root.reading = { line, written, chosen };
  }
  function draw() {
    const columns = Math.max(LINE.length, line.length) + 1;
    find(".demo-looks").style.setProperty("--columns", columns);
    find("[data-line]").innerHTML = [...line, SIGNS.length - 1].map((sign, place) => `<span><b>${SIGNS[sign]}</b><small>${place}</small></span>`).join("");
    picture.setAttribute("viewBox", `0 0 ${columns} ${HIGH}`);
    picture.setAttribute("aria-label", words.picture(written.map((_, k) => told(k)).join(" ")));
    answers.forEach((label, k) => {
      const [radio, letter, number] = label.children, answer = written[k];
      label.hidden = !answer;
      if (!answer) return;
      [letter.textContent, number.textContent] = [SIGNS[answer.sign], line.length + 1 + k];
      label.toggleAttribute("data-wrong", answer.sign !== wanted(k));
      radio.setAttribute("aria-label", told(k));
    });
    mark();
  }

  function answer() { // what the field holds now
    const letters = [...field.value.toUpperCase()].map((letter) => SIGNS.indexOf(letter));
    const known = letters.filter((sign) => sign >= 0 && sign < SIGNS.length - 1).slice(0, MOST);
    if (!known.length) return say("missing", words.missing);
    line = known;
    write();
    draw();
    const right = written.filter(({ sign }, k) => sign === wanted(k)).length;
    const same = written.filter(({ weights }) => best(weights) === PLACES - weights.length).length;
    const what = line.length === PLACES / 2 ? "ten" : 2 * line.length <= PLACES / 2 ? "few" : "other"; // few: no place that writes has learned to
    const left = known.length < letters.length ? words.unknown : "";
    say(what, `${words.verdicts[what](right, written.length, same)} ${left}`.trim());
  }
  const any = () => SIGNS[Math.trunc(26 * Math.random())];
  const CHANGES = {
    random: () => Array.from({ length: PLACES / 2 }, any).join(""),
    fewer: (text) => text.slice(0, Math.max(1, text.length - 1)),
    more: (text) => (text + any()).slice(0, MOST),
  };

  function choose(k) {
    if (!begin || k === chosen) return;
    chosen = k;
    mark();
  }
  root.addEventListener("click", ({ target }) => {
    if (!target.dataset.do || !begin) return;
    field.value = CHANGES[target.dataset.do](field.value);
    answer();
  });
  root.addEventListener("input", ({ target }) => begin && (target === field ? answer() : choose(Number(target.value))));
  root.addEventListener("pointerover", ({ target }) => {
    const k = answers.indexOf(target.closest("label"));
    if (k >= 0) choose(k);
  });
  say("waiting", words.waiting);
  demo.near(root, () => demo.load("attention-weights").then(() => {
    begin = transformer(demo.numbers(attentionWeights.numbers));
    find("[data-source]").textContent = words.source({ ...attentionWeights, accuracy: (100 * attentionWeights.accuracy).toFixed(1) });
    answer();
  }));
}
