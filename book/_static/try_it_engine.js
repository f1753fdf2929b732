/* Explainers of a network with one hidden layer, in closed form: f(x) = W₂ (m ∘ relu(W₁ x + t)) + b.
   What an explainer lets through a hidden unit is one number, so that a score is W₁ᵀ g, times the
   sample or its difference from a reference where the explainer says so. The same as the package's
   helpers/explain/mlp. No library, no server. */

(() => {
  const KINDS = { int16: Int16Array, uint16: Uint16Array, float32: Float32Array, float64: Float64Array };

  /* `reference`: whether it compares with one. `times`: whether it multiplies by the input.
     `absolute`: whether each estimate's absolute value is taken before the mean. */
  const EXPLAINERS = {
    Saliency: { gate: "gradient", absolute: true },
    InputXGradient: { gate: "gradient", times: true },
    GuidedBackprop: { gate: "guided" },
    IntegratedGradients: { gate: "rescale", times: true, reference: true },
    DeepLift: { gate: "rescale", times: true, reference: true },
    DeepLiftShap: { gate: "rescale", times: true, reference: true },
  };
  const SAME_INPUT = 1e-10;

  const numbers = ({ kind, data, step = 1 }) => {
    const text = atob(data);
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
    const stored = new KINDS[kind](bytes.buffer);
    const values = new Float64Array(stored.length);
    for (let at = 0; at < stored.length; at += 1) values[at] = stored[at] * step;
    return values;
  };

  const rowsOf = (array) => {
    const values = numbers(array);
    const width = array.shape[1];
    const scale = array.scale && numbers(array.scale);
    return Array.from({ length: array.shape[0] }, (_, row) => {
      const part = values.subarray(row * width, (row + 1) * width);
      return scale ? part.map((value) => value * scale[row]) : part;
    });
  };

  const relu = (value) => (value > 0 ? value : 0);

  const dot = (one, other) => {
    let sum = 0;
    for (let at = 0; at < one.length; at += 1) sum += one[at] * other[at];
    return sum;
  };

  /* What goes into the ReLU of each unit; kept, since sliders ask for the same again. */
  const inputs = (network, point, name) => {
    if (!network.known.has(name)) {
      network.known.set(name, network.offset.map((start, unit) => dot(network.first[unit], point) + start));
    }
    return network.known.get(name);
  };

  const read = (file) => {
    const networks = file.networks.map(({ first, offset, second, bias }) => ({
      first: rowsOf(first), offset: numbers(offset), second: rowsOf(second), bias, known: new Map(),
    }));
    const references = rowsOf(file.references);
    for (const network of networks) {
      references.forEach((point, at) => inputs(network, point, `reference ${at}`));
    }
    return { ...file, networks, references, expression: rowsOf(file.expression) };
  };

  /* Which units a dropout mask keeps: numbers of mulberry32, started from what the mask belongs to. One
     more mask leaves those before it as they were. */
  const keptBy = (units, probability, place) => {
    let state = 0x2545f491;
    for (const value of place) state = Math.imul(state ^ (value + 1), 0x9e3779b1) ^ (state >>> 15);
    const kept = new Uint8Array(units);
    for (let unit = 0; unit < units; unit += 1) {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      kept[unit] = ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296 < probability ? 0 : 1;
    }
    return kept;
  };

  /* The estimates of one network: points to compare with (null: no gene is expressed), and for each of
     them masks: the factor of a unit is `factor` where it is kept. */
  const estimatesOf = (data, number, asked) => {
    const drawn = EXPLAINERS[asked.explainer].reference && asked.kind === "universal";
    const points = drawn ? data.references.slice(0, asked.references) : [null];
    const units = data.networks[number].first.length;
    const off = asked.masks === 0;
    return points.map((point, at) => ({
      point,
      name: point ? `reference ${at}` : "zero",
      factor: off ? 1 : 1 / (1 - data.dropout),
      masks: Array.from({ length: off ? 1 : asked.masks }, (_, mask) =>
        (off ? new Uint8Array(units).fill(1)
          : keptBy(units, data.dropout, [asked.draw, asked.sample, number, at, mask]))),
    }));
  };

  const GATES = {
    gradient: (input) => (input > 0 ? 1 : 0),
    guided: (input, weight) => (input > 0 && weight > 0 ? 1 : 0),
    rescale: (input, weight, before) =>
      (Math.abs(input - before) < SAME_INPUT
        ? GATES.gradient(input)
        : (relu(input) - relu(before)) / (input - before)),
  };

  const toGenes = (network, units) => {
    const genes = new Float64Array(network.first[0].length);
    units.forEach((value, unit) => {
      if (value === 0) return;
      const weights = network.first[unit];
      for (let gene = 0; gene < genes.length; gene += 1) genes[gene] += value * weights[gene];
    });
    return genes;
  };

  /* Scores of one network, and what its output changes from the references to the sample. */
  const explainNetwork = (data, number, asked) => {
    const network = data.networks[number];
    const { gate, absolute, times } = EXPLAINERS[asked.explainer];
    const x = data.expression[asked.sample];
    const zeros = new Float64Array(x.length);
    const weights = network.second[asked.target];
    const after = inputs(network, x, `sample ${asked.sample}`);
    const scores = new Float64Array(x.length);
    const estimates = estimatesOf(data, number, asked);
    const all = estimates.length * estimates[0].masks.length;
    let change = 0;
    for (const { point, name, factor, masks } of estimates) {
      const before = inputs(network, point ?? zeros, name);
      const through = after.map((value, unit) => weights[unit] * GATES[gate](value, weights[unit], before[unit]));
      const mean = new Float64Array(weights.length);
      for (const mask of masks) {
        for (let unit = 0; unit < mask.length; unit += 1) mean[unit] += (mask[unit] * factor) / all;
      }
      mean.forEach((share, unit) => {
        change += share * weights[unit] * (relu(after[unit]) - relu(before[unit]));
      });
      if (absolute) {
        for (const mask of masks) {
          toGenes(network, through.map((value, unit) => value * mask[unit] * factor))
            .forEach((value, gene) => { scores[gene] += Math.abs(value) / all; });
        }
      } else {
        toGenes(network, through.map((value, unit) => value * mean[unit])).forEach((value, gene) => {
          scores[gene] += value * (times ? x[gene] - (point ? point[gene] : 0) : 1);
        });
      }
    }
    return { scores, change };
  };

  const meanOf = (rows) =>
    Float64Array.from(rows[0], (_, gene) => rows.reduce((sum, row) => sum + row[gene], 0) / rows.length);

  /* Genes by size of score, largest first. */
  const ranked = (scores) =>
    [...scores.keys()].sort((a, b) => Math.abs(scores[b]) - Math.abs(scores[a]) || a - b);

  const ranksOf = (values) => {
    const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
    const ranks = new Float64Array(values.length);
    for (let start = 0; start < order.length;) {
      let end = start;
      while (end < order.length && values[order[end]] === values[order[start]]) end += 1;
      for (let at = start; at < end; at += 1) ranks[order[at]] = (start + end - 1) / 2;
      start = end;
    }
    return ranks;
  };

  const spearman = (one, other) => {
    const [a, b] = [ranksOf(one), ranksOf(other)];
    const middle = (a.length - 1) / 2;
    const product = (left, right) =>
      left.reduce((sum, value, at) => sum + (value - middle) * (right[at] - middle), 0);
    return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
  };

  /* What the networks say without dropout: the mean probability of each class. */
  const predict = (data, asked) => {
    const chances = data.networks.slice(0, asked.models).map((network) => {
      const hidden = inputs(network, data.expression[asked.sample], `sample ${asked.sample}`).map(relu);
      const outputs = network.second.map((row, at) => dot(row, hidden) + network.bias[at]);
      const largest = Math.max(...outputs);
      const powers = outputs.map((value) => Math.exp(value - largest));
      const total = powers.reduce((sum, value) => sum + value, 0);
      return powers.map((value) => value / total);
    });
    return meanOf(chances);
  };

  /* `wanted`: sample, explainer, models, masks (0: dropout is off), kind ("zero" or "universal"),
     references, draw, and top, the length of lists. The halves are every other network. */
  const explain = (data, wanted) => {
    const asked = { ...wanted, target: data.classes.indexOf(data.samples.tissue[wanted.sample]) };
    const each = Array.from({ length: asked.models }, (_, number) => explainNetwork(data, number, asked));
    const scores = meanOf(each.map((one) => one.scores));
    const halves = [0, 1].map((side) =>
      meanOf(each.filter((_, number) => number % 2 === side).map((one) => one.scores)));
    const lists = halves.map((half) => ranked(half).slice(0, asked.top));
    return {
      scores,
      each: each.map((one) => one.scores),
      order: ranked(scores),
      lists,
      shared: lists[0].filter((gene) => lists[1].includes(gene)).length,
      spearman: spearman(halves[0], halves[1]),
      sum: scores.reduce((sum, value) => sum + value, 0),
      change: each.reduce((sum, one) => sum + one.change, 0) / each.length,
      probabilities: predict(data, asked),
    };
  };

  window.tryIt = { EXPLAINERS, read, explain, estimatesOf };
})();
