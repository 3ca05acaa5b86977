// The network of the lesson on MNIST reads what you write; the rest is pen and paper.
{
  const { root, words, find, say } = demo.open("digit", (words) => `
    <div class="demo-grid demo-top">
      <div data-paper></div>
      <div><div class="demo-row"><canvas data-seen width="28" height="28" role="img" aria-label="${words.seen}"></canvas>
          <p style="flex: 1 1 8rem">${words.sees}</p></div>
        <p role="status" class="demo-answer"></p>
        <div class="demo-bars" role="img"></div></div>
    </div><p class="demo-source"></p>`);
  const seen = find("[data-seen]").getContext("2d"), bars = demo.bars(find(".demo-bars"), [..."0123456789"], words.none);

  function network(pixels) { // ten logits
    const { block, linear } = demo.layers(numbers);
    const values = Float64Array.from(pixels, (value) => (value - digitWeights.mean) / digitWeights.std);
    return linear([16, 32, 64].reduce((maps, channels) => block(maps, channels, 2), { values, size: 28, channels: 1 }), 10);
  }

  let numbers = null;
  function read(drawing) {
    const pixels = digitPicture.prepare(ink), logits = pixels && numbers && network(pixels), { best, said } = bars(logits);
    const picture = seen.createImageData(28, 28);
    pixels?.forEach((value, i) => picture.data.set([255, 255, 255, 255 * value], 4 * i));
    seen.putImageData(picture, 0, 0);
    const what = logits ? "read" : pixels ? "waiting" : "empty";
    if (!drawing) say(what, logits ? words.answers.read(best, said) : words.answers[what]);
    root.reading = { pixels, logits };
  }
  const { ink, tell } = demo.paper({ find, say }, read);
  function ready() { // the network's numbers are here
    const accuracy = (100 * digitWeights.accuracy).toFixed(2);
    numbers = demo.numbers(digitWeights.numbers);
    find(".demo-source").textContent = words.source({ ...digitWeights, accuracy });
    tell();
  }
  demo.near(root, () => demo.load("digit-weights").then(ready));
  tell();
}
