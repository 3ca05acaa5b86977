// The networks that read pictures in the page: layers as PyTorch has them, and bars for what a network answers.
demo.layers = (numbers) => { // each layer takes its numbers from where the one before it ended, as in a state_dict
  let at = 0;
  const take = (count) => numbers.subarray(at, (at += count));

  function convolve({ values, size, channels }, outside) { // 3 × 3, in a rim of zeros
    const wide = size + 2, area = size * size, padded = new Float64Array(channels * wide * wide);
    for (let row = 0; row < channels * size; row++) {
      padded.set(values.subarray(row * size, (row + 1) * size), (row + 2 * Math.trunc(row / size) + 1) * wide + 1);
    }
    const kernels = take(outside * channels * 9), sums = new Float64Array(outside * area);
    for (let o = 0, k = 0; o < outside; o++) for (let c = 0; c < channels; c++, k += 9) {
      const k0 = kernels[k], k1 = kernels[k + 1], k2 = kernels[k + 2], k3 = kernels[k + 3], k4 = kernels[k + 4];
      const k5 = kernels[k + 5], k6 = kernels[k + 6], k7 = kernels[k + 7], k8 = kernels[k + 8];
      for (let y = 0, to = o * area; y < size; y++) { // the window's nine values move on by one, which leaves three to fetch
        let p = (c * wide + y) * wide, q = p + wide, r = q + wide;
        let v0 = padded[p++], v1 = padded[p++], v3 = padded[q++], v4 = padded[q++], v6 = padded[r++], v7 = padded[r++];
        for (const end = to + size; to < end; to++) {
          const v2 = padded[p++], v5 = padded[q++], v8 = padded[r++];
          sums[to] += k0 * v0 + k1 * v1 + k2 * v2 + k3 * v3 + k4 * v4 + k5 * v5 + k6 * v6 + k7 * v7 + k8 * v8;
          v0 = v1, v1 = v2, v3 = v4, v4 = v5, v6 = v7, v7 = v8;
        }
      }
    }
    return { values: sums, size, channels: outside };
  }

  function pool({ values, size, channels }, by) { // the largest of by × by
    const to = Math.trunc(size / by), largest = new Float64Array(channels * to * to).fill(-Infinity);
    for (let c = 0; c < channels; c++) for (let y = 0; y < to * by; y++) for (let x = 0; x < to * by; x++) {
      const place = (c * to + Math.trunc(y / by)) * to + Math.trunc(x / by);
      largest[place] = Math.max(largest[place], values[(c * size + y) * size + x]);
    }
    return { values: largest, size: to, channels };
  }

  function block(maps, outside, by) { // convolution, the largest of by × by, batch normalisation, ReLU
    const { values, size } = pool(convolve(maps, outside), by), area = size * size;
    const [gain, shift, mean, variance] = [1, 2, 3, 4].map(() => take(outside));
    for (let i = 0; i < values.length; i++) {
      const c = Math.trunc(i / area);
      values[i] = Math.max(0, (values[i] - mean[c]) / Math.sqrt(variance[c] + 1e-5) * gain[c] + shift[c]);
    }
    return { values, size, channels: outside };
  }

  function linear({ values }, outputs) {
    const weights = take(outputs * values.length), bias = take(outputs);
    return Array.from(bias, (b, o) => b + demo.sum(values, (value, i) => value * weights[o * values.length + i]));
  }
  return { block, pool, linear };
};

demo.bars = (bars, labels, none) => {
  bars.innerHTML = labels.map((label) => `<b>${label}</b><span><i></i></span><em></em>`).join("");
  bars.setAttribute("aria-label", none);
  return (logits) => { // shows their shares, by softmax, or nothing; returns the largest, and whose it is
    const shares = logits ? demo.softmax(logits) : labels.map(() => 0), said = shares.map((share) => `${(100 * share).toFixed(1)}\u00a0%`);
    bars.querySelectorAll("i").forEach((bar, i) => (bar.style.width = `${100 * shares[i]}%`));
    bars.querySelectorAll("em").forEach((word, i) => (word.textContent = logits ? said[i] : ""));
    bars.setAttribute("aria-label", logits ? labels.map((label, i) => `${label}: ${said[i]}`).join(", ") : none);
    const best = shares.indexOf(Math.max(...shares));
    return { best, share: shares[best], said: said[best] };
  };
};
