// Paper to draw on, by mouse, pen, finger or keyboard; whoever put it there hears of every change, and whether the pen is down.
demo.paper = ({ find, say }, hear) => {
  const SIDE = 480, PEN = 42, words = demoWords.paper;
  find("[data-paper]").innerHTML = `
    <div class="demo-paper">
      <canvas width="${SIDE}" height="${SIDE}" tabindex="0" role="application" aria-describedby="demo-paper-keys"
        aria-label="${words.label}"></canvas><i hidden></i></div>
    <div class="demo-row"><button data-do="clear">${words.clear}</button>
      <p id="demo-paper-keys">${words.keys}</p></div>`;
  const canvas = find("[data-paper] canvas"), marker = find("[data-paper] i");
  const ink = Object.assign(canvas.getContext("2d", { willReadFrequently: true }), { lineWidth: PEN, lineCap: "round", lineJoin: "round" });

  let frame = null, pen = null, drawing = false, hand = null; // pen: where it is; hand: who holds it
  const tell = () => ((frame = null), hear(drawing));
  const soon = () => (frame ??= requestAnimationFrame(tell));
  const line = (from, to) => (ink.stroke(new Path2D(`M${from}h0.01L${to}`)), soon());
  const clear = () => (ink.clearRect(0, 0, SIDE, SIDE), (drawing = false), tell());
  const place = (event) => [event.offsetX, event.offsetY].map((pixel) => (pixel * SIDE) / canvas.clientWidth);
  // One hand writes at a time: a pen before a finger, and a finger that moves before a palm that rests, whose ink goes.
  const yields = ({ kind, way }, to) => (kind === to ? way < PEN : to === "pen");
  canvas.addEventListener("pointerdown", (event) => {
    const { pointerId: id, pointerType: kind } = event;
    if (hand && !yields(hand, kind)) return;
    if (hand) ink.putImageData(hand.before, 0, 0);
    hand = { id, kind, way: 0, before: ink.getImageData(0, 0, SIDE, SIDE) };
    canvas.setPointerCapture(id);
    [pen, drawing, marker.hidden] = [place(event), true, true];
    line(pen, pen);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (hand?.id !== event.pointerId) return;
    const from = pen;
    line(from, (pen = place(event)));
    hand.way += Math.hypot(pen[0] - from[0], pen[1] - from[1]);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => {
    if (hand?.id === event.pointerId) [drawing, hand] = [false, null], soon();
  });
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], " ": [0, 0] }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") clear();
    if (!move) return;
    event.preventDefault();
    const from = pen ?? [SIDE / 2, SIDE / 4];
    pen = from.map((at, i) => Math.max(PEN / 2, Math.min(SIDE - PEN / 2, at + 20 * move[i])));
    if (event.key === " ") (drawing = !drawing) ? say("down", words.down) : tell();
    if (drawing) line(from, pen);
    Object.assign(marker, { hidden: false, className: drawing ? "down" : "" });
    Object.assign(marker.style, { left: `${(100 * pen[0]) / SIDE}%`, top: `${(100 * pen[1]) / SIDE}%` });
  });
  canvas.addEventListener("input", tell);
  find("[data-do=clear]").addEventListener("click", clear);
  return { ink, canvas, tell };
};
