/* The network of chapter 06 with sliders: two genes, two hidden units, every number that an explainer
   takes. No library, no kernel, no network. */
(() => {
  const relu = (value) => Math.max(value, 0);
  const inputs = ({ hidden, bias }, point) =>
    hidden.map((row, unit) => row[0] * point[0] + row[1] * point[1] + bias[unit]);
  const toGenes = ({ hidden, output }, units, factor) =>
    [0, 1].map((gene) =>
      factor[gene] * hidden.reduce((sum, row, unit) => sum + output[unit] * units[unit] * row[gene], 0));
  const on = (values) => values.map((value) => (value > 0 ? 1 : 0));

  /* Share of the way from start to end on which a number is positive. */
  const shareOn = (start, end) => {
    if (start > 0 && end > 0) return 1;
    if (start <= 0 && end <= 0) return 0;
    const crossing = start / (start - end);
    return start > 0 ? crossing : 1 - crossing;
  };

  const outputOf = (network, point) =>
    inputs(network, point).reduce((sum, value, unit) => sum + network.output[unit] * relu(value), 0)
    + network.outputBias;

  const explain = (network, sample, reference, steps) => {
    const way = sample.map((value, gene) => value - reference[gene]);
    const end = inputs(network, sample);
    const start = inputs(network, reference);
    const multipliers = end.map((value, unit) =>
      value === start[unit]
        ? on([value])[0]
        : (relu(value) - relu(start[unit])) / (value - start[unit]));
    const walked = [0, 0];
    for (let step = 0; step < steps; step += 1) {
      const place = (step + 0.5) / steps;
      const point = reference.map((value, gene) => value + place * way[gene]);
      on(inputs(network, point)).forEach((state, unit) => { walked[unit] += state / steps; });
    }
    return {
      start, end, multipliers,
      shares: end.map((value, unit) => shareOn(start[unit], value)),
      outputs: [outputOf(network, reference), outputOf(network, sample)],
      gradient: toGenes(network, on(end), [1, 1]),
      inputXGradient: toGenes(network, on(end), sample),
      deepLift: toGenes(network, multipliers, way),
      integratedGradients: toGenes(network, walked, way),
    };
  };

  if (typeof module !== "undefined") {
    module.exports = { explain };
    return;
  }

  const written = (value) => (Math.round(value * 1000) / 1000).toString().replace("-", "−");

  const mount = (root) => {
    const network = JSON.parse(root.dataset.network);
    const read = (name) => Number.parseFloat(root.querySelector(`[name="${name}"]`).value);
    const write = (name, value) => { root.querySelector(`[data-cell="${name}"]`).textContent = value; };

    const update = () => {
      const { hidden, bias, output } = network;
      for (const unit of [0, 1]) {
        for (const gene of [0, 1]) hidden[unit][gene] = read(`W${unit + 1}${gene + 1}`);
        bias[unit] = read(`b${unit + 1}`);
        output[unit] = read(`w${unit + 1}`);
      }
      for (const slider of root.querySelectorAll("input")) {
        slider.parentElement.querySelector("output").textContent = written(Number(slider.value));
      }
      const sample = [read("x1"), read("x2")];
      const reference = [read("r1"), read("r2")];
      const found = explain(network, sample, reference, read("steps"));
      for (const unit of [0, 1]) {
        write(`start${unit + 1}`, written(found.start[unit]));
        write(`end${unit + 1}`, written(found.end[unit]));
        write(`share${unit + 1}`, written(found.shares[unit]));
        write(`multiplier${unit + 1}`, written(found.multipliers[unit]));
        const bar = root.querySelector(`[data-bar="${unit + 1}"]`);
        bar.style.width = `${100 * found.shares[unit]}%`;
        bar.style.marginLeft = found.start[unit] > 0 ? "0" : `${100 * (1 - found.shares[unit])}%`;
      }
      const difference = found.outputs[1] - found.outputs[0];
      for (const name of ["gradient", "inputXGradient", "integratedGradients", "deepLift"]) {
        found[name].forEach((score, gene) => write(`${name}${gene + 1}`, written(score)));
        if (name !== "gradient") write(`${name}Sum`, written(found[name][0] + found[name][1]));
      }
      write("difference", `f(sample) − f(reference) = ${written(found.outputs[1])} − `
        + `${written(found.outputs[0])} = ${written(difference)}`);
    };

    root.querySelector(".by-hand-controls").hidden = false;
    root.addEventListener("input", update);
    root.querySelector("button").addEventListener("click", () => {
      for (const slider of root.querySelectorAll("input")) slider.value = slider.defaultValue;
      update();
    });
    root.classList.add("by-hand-ready");
    update();
  };

  for (const root of document.querySelectorAll(".by-hand:not(.by-hand-ready)")) mount(root);
})();
