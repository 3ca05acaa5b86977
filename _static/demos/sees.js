// The network of the lesson on better CIFAR-10 reads a picture of yours, cut to a square and shrunk to 32 × 32. Nothing is sent.
{
  const SIZE = 32, FINE = 512; // a picture is kept so fine that its shorter side has 512 pixels or, at most, twice as many
  const DRAWN = { // colours and outlines, on a square of 256
    ship: [["#a9cdf0", "M0,0H256V170H0Z"], ["#2f5f86", "M0,165H256V256H0Z"], ["#f2f2f2", "M84,92H176V140H84Z"],
      ["#c23b22", "M112,52H146V92H112Z"], ["#20262e", "M24,138H236L204,190H58Z"]],
  };
  const { root, words, find, say } = demo.open("sees", (words) => `
    <div class="demo-row">
      ${Object.keys(words.pictures).map((name) => `<button data-do="${name}">${words.pictures[name]}</button>`).join("")}
      <button data-do="own">${words.own}</button><input type="file" accept="image/*" hidden></div>
    <div class="demo-grid demo-top">
      <div><div class="demo-paper demo-photo"><canvas tabindex="0" role="application" aria-label="${words.picture}"
          aria-describedby="demo-cut-keys"></canvas><span></span></div>
        <label>${words.side} <input type="range" min="10" max="100" value="100"></label><p id="demo-cut-keys">${words.keys}</p></div>
      <div><div class="demo-row"><canvas data-seen width="${SIZE}" height="${SIZE}" role="img" aria-label="${words.seen}"></canvas>
          <p style="flex: 1 1 8rem">${words.sees}</p></div>
        <p role="status" class="demo-answer"></p>
        <div class="demo-bars demo-words" role="img"></div><p class="demo-source">${words.ten}</p></div>
    </div><p class="demo-source" data-source></p>`);
  const canvas = find(".demo-photo canvas"), seen = find("[data-seen]").getContext("2d"), slider = find("[type=range]"), input = find("[type=file]");
  const bars = demo.bars(find(".demo-bars"), words.classes, words.none);

  function keep(bitmap) { // a picture with pixels that are the means of by × by of it; strip by strip, for it may be huge
    const by = Math.max(1, Math.trunc(Math.min(bitmap.width, bitmap.height) / FINE));
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.trunc(side / by))), wide = width * by;
    const strip = Object.assign(document.createElement("canvas"), { width: wide, height: by }).getContext("2d", { willReadFrequently: true });
    const kept = new ImageData(width, height), pixels = kept.data.fill(255), area = by * by;
    strip.fillStyle = "#fff"; // where a picture is transparent
    for (let y = 0, to = 0; y < height; y++) {
      strip.fillRect(0, 0, wide, by);
      strip.drawImage(bitmap, 0, -y * by);
      const { data } = strip.getImageData(0, 0, wide, by);
      for (let x = 0; x < width; x++, to += 4) {
        let red = 0, green = 0, blue = 0;
        for (let row = 0; row < by; row++) for (let i = 4 * (row * wide + x * by), end = i + 4 * by; i < end; i += 4) {
          red += data[i], green += data[i + 1], blue += data[i + 2];
        }
        [pixels[to], pixels[to + 1], pixels[to + 2]] = [red / area, green / area, blue / area];
      }
    }
    return kept;
  }

  const spans = (side) => Array.from({ length: SIZE }, (_, cell) => { // pixels under each of 32 cells in a row, and how much of each
    const from = (cell * side) / SIZE, to = ((cell + 1) * side) / SIZE, first = Math.floor(from);
    return Array.from({ length: Math.ceil(to) - first }, (_, i) => [first + i, Math.min(to, first + i + 1) - Math.max(from, first + i)]);
  });
  function shrink({ data, width }, { left, top, side }) { // 32 × 32 pixels, each the mean of what it covers
    const small = new ImageData(SIZE, SIZE), cells = spans(side), line = new Float64Array(4 * side);
    cells.forEach((rows, row) => {
      line.fill(0);
      for (const [y, part] of rows) for (let x = 0, from = 4 * ((top + y) * width + left); x < line.length; x++, from++) line[x] += part * data[from];
      cells.forEach((columns, column) => {
        for (let c = 0; c < 4; c++) {
          small.data[4 * (row * SIZE + column) + c] = demo.sum(columns, ([x, part]) => part * line[4 * x + c]) * (SIZE / side) ** 2;
        }
      });
    });
    return small;
  }

  function network(pixels) { // ten logits
    const { block, pool, linear } = demo.layers(numbers), area = SIZE * SIZE;
    const values = Float64Array.from({ length: 3 * area }, (_, i) => pixels[4 * (i % area) + Math.trunc(i / area)] / 127.5 - 1);
    const maps = [32, 64, 128].reduce((maps, channels) => block(block(maps, channels, 2), channels, 1), { values, size: SIZE, channels: 3 });
    return linear(pool(maps, 4), 10);
  }

  let photo = null, cut = null, numbers = null, coming = null, frame = null, latest = null, shown = null;
  function read() {
    frame = null;
    const small = shrink(photo, cut), logits = numbers && network(small.data), { best, share, said } = bars(logits);
    seen.putImageData(small, 0, 0);
    const what = logits ? "read" : coming ? "waiting" : "start", sure = share >= 0.9 ? "sure" : share >= 0.5 ? "likely" : "guess";
    say(what, logits ? words.answers[sure](words.classes[best], said) : words.answers[what]);
    root.reading = { pixels: small.data, logits, cut };
  }
  const within = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
  function look(left, top, side = cut.side) { // at this square of the picture
    cut = { left: within(left, photo.width - side), top: within(top, photo.height - side), side };
    const share = (pixels, of) => `${(100 * pixels) / of}%`;
    Object.assign(find(".demo-photo span").style,
      { left: share(cut.left, photo.width), top: share(cut.top, photo.height), width: share(side, photo.width) });
    frame ??= requestAnimationFrame(read);
  }
  function show(bitmap) { // all of it, and look at its middle
    photo = keep(bitmap);
    const { width, height } = photo, side = Math.min(width, height);
    Object.assign(canvas, { width, height }).getContext("2d").putImageData(photo, 0, 0);
    canvas.parentElement.style.setProperty("--ratio", width / height);
    slider.value = 100;
    look((width - side) / 2, (height - side) / 2, side);
  }
  const wake = () => (coming ??= demo.load("sees-weights").then(() => { // at the first touch
    const accuracy = (100 * seesWeights.accuracy).toFixed(1);
    numbers = demo.numbers(seesWeights.numbers);
    find("[data-source]").textContent = words.source({ ...seesWeights, accuracy });
    if (photo && shown === latest) read(); // a picture that is still opening will be read when it is there
  }));
  async function open(source) { // a file or a canvas; createImageBitmap turns photographs as they were held
    latest = source;
    const bitmap = await createImageBitmap(source).catch(() => null);
    if (latest !== source) return; // the reader has gone on
    if (bitmap) (shown = source), show(bitmap), bitmap.close();
    else say("broken", words.answers.broken);
  }
  function draw(outlines) {
    const paper = Object.assign(document.createElement("canvas"), { width: 256, height: 256 }), brush = paper.getContext("2d");
    for (const [colour, path] of outlines) Object.assign(brush, { fillStyle: colour }).fill(new Path2D(path));
    return paper;
  }
  const ours = (name) => open(DRAWN[name] ? draw(DRAWN[name]) : new Blob([demo.bytes(seesPictures[name])], { type: "image/jpeg" }));
  const theirs = ([file]) => file && (wake(), open(file));

  root.addEventListener("click", ({ target: { dataset } }) => {
    if (dataset.do === "own") input.click();
    else if (dataset.do) wake(), ours(dataset.do);
  });
  input.addEventListener("change", () => (theirs(input.files), (input.value = "")));
  root.addEventListener("dragover", (event) => event.preventDefault());
  root.addEventListener("drop", (event) => (event.preventDefault(), theirs(event.dataTransfer.files)));
  document.addEventListener("paste", ({ clipboardData }) => theirs(clipboardData.files));

  let grip = null; // where in the square the pointer holds it
  const place = ({ offsetX, offsetY }) => [offsetX, offsetY].map((at) => (at * photo.width) / canvas.clientWidth);
  const move = (event) => (wake(), look(...place(event).map((at, i) => at - grip[i])));
  canvas.addEventListener("pointerdown", (event) => {
    if (!photo || !event.isPrimary) return;
    const held = place(event).map((at, i) => at - [cut.left, cut.top][i]);
    grip = held.every((at) => at >= 0 && at < cut.side) ? held : [cut.side / 2, cut.side / 2];
    canvas.setPointerCapture(event.pointerId);
    move(event);
  });
  canvas.addEventListener("pointermove", (event) => grip && event.isPrimary && move(event));
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (grip = null));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step || !photo) return;
    event.preventDefault();
    wake();
    look(cut.left + Math.ceil(cut.side / 16) * step[0], cut.top + Math.ceil(cut.side / 16) * step[1]);
  });
  slider.addEventListener("input", () => {
    if (!photo) return;
    const side = Math.max(1, Math.round((Math.min(photo.width, photo.height) * slider.value) / 100));
    wake();
    look(cut.left + (cut.side - side) / 2, cut.top + (cut.side - side) / 2, side);
  });
  demo.near(root, () => demo.load("sees-pictures").then(() => latest ?? ours("cat")));
}
