// `prepare` does with a canvas that was written on what helpers.prepare_digit does with a picture of a page.
{
  const { sum } = demo, SIDE = 480, RIM = 30, PAGE = SIDE / 2 + 2 * RIM, CANVAS = PAGE + 60; // the paper at half size, on a page with a margin
  const round = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)); // half to even, as in Python
  const range = (values) => values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  function percentile(values, share, zeros = 0) { // as numpy has it, between the two nearest; `zeros` more come first
    const sorted = Float32Array.from(values).sort(), place = share * (zeros + sorted.length - 1) - zeros, low = Math.floor(place);
    return place < 0 ? 0 : sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
  }

  function blur(image) { // a Gaussian of 1.2 pixels, along columns and rows
    const kernel = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / (2 * 1.2 ** 2))), total = sum(kernel);
    for (const stride of [PAGE, 1]) {
      const smooth = new Float32Array(image.length);
      for (let i = 5 * PAGE; i < image.length - 5 * PAGE; i++) {
        let value = 0;
        for (let k = 0; k < 11; k++) value += kernel[k] * image[i + (k - 5) * stride];
        smooth[i] = value / total;
      }
      image = smooth;
    }
    return image;
  }
  function grow(mask, times, strides) { // the paper's rim keeps what grows off the page's edge
    for (let n = 0; n < times; n++) {
      const old = mask.slice();
      for (let i = PAGE; i < old.length - PAGE; i++) if (old[i]) for (const s of strides) mask[i - s] = mask[i + s] = 1;
    }
    return mask;
  }

  const column = (i) => i % PAGE, row = (i) => Math.trunc(i / PAGE);
  const span = (places) => Math.max(...[column, row].map((axis) => new Set(places.map(axis)).size));
  function groups(mask, image, gap) { // the heaviest first; what is less than two gaps apart belongs together
    const grown = grow(grow(mask.slice(), gap, [1]), gap, [PAGE]), found = [];
    const around = [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => y * PAGE + x));
    for (let first = grown.indexOf(1); first >= 0; first = grown.indexOf(1, first)) {
      const group = [first];
      grown[first] = 0;
      for (let k = 0; k < group.length; k++) for (const step of around) {
        if (grown[group[k] + step]) group.push(group[k] + step), grown[group[k] + step] = 0; // it grows while we walk along it
      }
      const places = group.filter((i) => mask[i]);
      found.push({ places, weight: sum(places, (i) => image[i]) });
    }
    return found.sort((one, other) => other.weight - one.weight);
  }
  function choose(image) { // where the strokes of the digit are; nowhere if it is small, or not alone
    const inks = image.filter((value) => value > 0), limit = 0.4 * percentile(inks, 0.995, CANVAS ** 2 - inks.length);
    const mask = new Uint8Array(image.map((value) => value > Math.max(0.005, limit))), [largest] = groups(mask, image, 1);
    const [digit, ...others] = largest ? groups(mask, image, 1 + Math.trunc(span(largest.places) / 14)) : [];
    if (!digit || span(digit.places) <= 0.1 * PAGE) return [];
    const rival = ({ places, weight }) => weight > digit.weight / 5 && span(places) > span(digit.places) / 3;
    return others.slice(0, 2).some(rival) ? [] : digit.places;
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

  function prepare(ink) { // 784 numbers from 0 to 1, or null if there is no digit
    const alpha = ink.getImageData(0, 0, SIDE, SIDE).data, grey = new Float32Array(PAGE * PAGE), turn = SIDE * 4;
    for (let y = 0; y < SIDE; y += 2) for (let x = 0, i = y * turn + 3; x < SIDE; x += 2, i += 8) {
      grey[(y / 2 + RIM) * PAGE + x / 2 + RIM] = (alpha[i] + alpha[i + 4] + alpha[i + turn] + alpha[i + turn + 4] + 2) >> 2;
    }
    const top = grey.reduce((a, b) => Math.max(a, b), 32), image = blur(grey.map((value) => value / top)), strokes = choose(image);
    if (!strokes.length) return null;
    const mask = new Uint8Array(image.length), dark = percentile(strokes.map((i) => image[i]), 0.8), kept = [];
    for (const i of strokes) mask[i] = 1;
    grow(mask, 7, [1, PAGE]).forEach((near, i) => near && image[i] / dark > 0.3 && kept.push(i));
    const [[x0, x1], [y0, y1]] = [column, row].map((axis) => range(kept.map(axis))), width = x1 - x0 + 1, height = y1 - y0 + 1;
    const digit = image.map((value, i) => mask[i] * Math.min(1, value / dark)), start = (y) => (y0 + y) * PAGE;
    const box = Float32Array.from({ length: width * height }, (_, i) => digit[start(Math.trunc(i / width)) + x0 + (i % width)]);
    const [w, h] = [width, height].map((length) => Math.max(1, round((20 * length) / Math.max(width, height))));
    let small = resize(resize(box, width, w), height, h); // turned twice: upright again
    const peak = Math.max(...small), middle = percentile(small.filter((value) => value > peak / 2), 0.5);
    small = small.map((value) => Math.max(0, Math.min(1, value / middle)));
    const centre = (axis, size) => Math.min(28 - size, Math.max(0, round(14 - sum(small, (value, i) => value * axis(i)) / sum(small))));
    const down = centre((i) => Math.trunc(i / w), h), right = centre((i) => i % w, w), field = new Float32Array(784);
    small.forEach((value, i) => (field[(down + Math.trunc(i / w)) * 28 + right + (i % w)] = value));
    return field;
  }

  globalThis.digitPicture = { prepare };
}
