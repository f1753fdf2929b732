/* The page "Try it": reads its controls, asks try_it_engine.js, and writes what was found. Everything is
   computed in the page, so that it works from a file. */

(() => {
  const TOP = 20;
  const root = document.querySelector(".try-it");
  if (!root || !window.tryIt || !window.tryItNetworks) return;
  const { EXPLAINERS, explain, read } = window.tryIt;
  const data = read(window.tryItNetworks);
  const control = (name) => root.querySelector(`[name="${name}"]`);
  const place = (name) => root.querySelector(`[data-cell="${name}"]`);
  const write = (name, text) => { place(name).textContent = text; };
  const written = (value, digits = 2) => {
    const text = value.toFixed(digits);
    return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
  };
  const percent = (share) => `${Math.round(100 * share)}\u00a0%`;
  const counted = (number, name) => `${number} ${name}${number === 1 ? "" : "s"}`;
  const SIDES = { train: "used in training", validation: "used to stop training", test: "held out" };

  let draw = 1;
  let shown = null;
  let before = null;
  let moving = false;
  let waiting = 0;

  const samplesOf = (tissue) =>
    [...data.samples.tissue.keys()].filter((at) => data.samples.tissue[at] === tissue);

  const fill = (select, options) => {
    select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  };

  /* Begins with a sample that no network has seen. */
  const fillSamples = () => {
    const found = samplesOf(control("tissue").value);
    fill(control("sample"), found.map((at) => [
      at, `${data.samples.name[at].replace("_", " ")}, ${SIDES[data.samples.side[at]]}`,
    ]));
    control("sample").value = found.find((at) => data.samples.side[at] === "test") ?? found[0];
  };

  const asked = () => ({
    sample: Number(control("sample").value),
    explainer: control("explainer").value,
    kind: control("kind").value,
    models: Number(control("models").value),
    masks: Number(control("masks").value),
    references: Number(control("references").value),
    draw,
    top: TOP,
  });

  const tellControls = (wanted) => {
    const compares = Boolean(EXPLAINERS[wanted.explainer].reference);
    control("kind").disabled = !compares;
    control("references").disabled = !compares || wanted.kind === "zero";
    control("draw").disabled = wanted.masks === 0;
    write("models", wanted.models);
    write("masks", wanted.masks === 0 ? "off" : wanted.masks);
    write("references", control("references").disabled ? "none" : wanted.references);
    if (compares && wanted.kind === "zero") write("references", "zero");
    for (const name of ["models", "masks", "references"]) {
      control(name).setAttribute("aria-valuetext", place(name).textContent);
    }
  };

  const was = (text) => (before && text !== null ? `before: ${text}` : "");

  const tellSum = (wanted, found) => {
    const promised = EXPLAINERS[wanted.explainer].reference;
    const gap = written(found.sum - found.change);
    write("sum", written(found.sum));
    write("change", `${written(found.change)} is what the output changes from ${
      promised && wanted.kind === "universal" ? "the references" : "no expression at all"} to this sample; ${
      promised ? `the gap is ${gap}, as this explainer promises` : `the gap is ${gap}, and nothing was promised`}.`);
    write("sumBefore", was(before && written(before.found.sum)));
  };

  const tellCards = (wanted, found) => {
    const best = found.probabilities.indexOf(Math.max(...found.probabilities));
    const truth = data.samples.tissue[wanted.sample];
    write("named", data.classes[best]);
    write("sure", `with a mean probability of ${percent(found.probabilities[best])}; the sample ${
      data.classes[best] === truth ? "is" : "is not, but"} ${truth}`);
    const agreed = `${found.shared} of ${TOP}`;
    write("shared", agreed);
    write("chance", `by chance ${written((TOP * TOP) / data.genes.length, 1)}`);
    write("sharedBefore", was(before && `${before.found.shared} of ${TOP}`));
    write("spearman", written(found.spearman));
    write("spearmanBefore", was(before && written(before.found.spearman)));
    tellSum(wanted, found);
  };

  const cell = (tag, text, name = "") => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (name) made.className = name;
    return made;
  };

  const HALVES = [["neither", "first"], ["second", "both"]];

  const rowOf = (wanted, found, gene, rank, largest) => {
    const row = document.createElement("tr");
    const score = found.scores[gene];
    const name = cell("th", data.genes[gene]);
    name.scope = "row";
    const size = cell("td", written(score, 3), "try-it-score");
    const bar = cell("span", "", score < 0 ? "try-it-bar try-it-negative" : "try-it-bar");
    bar.style.width = `${largest ? (100 * Math.abs(score)) / largest : 0}%`;
    size.append(bar);
    const [first, second] = found.lists.map((list) => Number(list.includes(gene)));
    row.append(
      cell("td", rank + 1), name, size, cell("td", written(data.expression[wanted.sample][gene], 1)),
      cell("td", HALVES[second][first]),
    );
    return row;
  };

  const tellGenes = (wanted, found) => {
    const largest = Math.abs(found.scores[found.order[0]]);
    place("genes").replaceChildren(...found.order.slice(0, TOP)
      .map((gene, rank) => rowOf(wanted, found, gene, rank, largest)));
  };

  /* One sentence for those who hear the page; not while a slider is still moving. */
  const tellAloud = (wanted, found) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const first = found.order.slice(0, 3).map((gene) => data.genes[gene]).join(", ");
      write("status", `${data.samples.name[wanted.sample].replace("_", " ")}, ${wanted.explainer}, ${
        counted(wanted.models, "network")}: first ${first}. The halves share ${found.shared} of ${TOP
      } genes, correlation ${written(found.spearman)}. Scores add up to ${written(found.sum)
      }, the output changes by ${written(found.change)}.`);
    }, 400);
  };

  const update = () => {
    const wanted = asked();
    tellControls(wanted);
    const start = performance.now();
    const found = explain(data, wanted);
    const took = performance.now() - start;
    tellCards(wanted, found);
    tellGenes(wanted, found);
    tellAloud(wanted, found);
    write("took", `Computed in this page in ${Math.max(1, Math.round(took))} ms.`);
    root.dataset.milliseconds = took;
    shown = { wanted, found };
  };

  /* What it is compared with: as it was before a control was taken hold of. */
  const moved = (event) => {
    if (!moving) before = shown;
    moving = true;
    if (event.target.name === "tissue") fillSamples();
    if (before.wanted.sample !== Number(control("sample").value)) before = null;
    update();
  };

  const begin = () => {
    draw = 1;
    before = null;
    fill(control("tissue"), data.classes.map((name) => [name, name]));
    control("tissue").value = "liver";
    fillSamples();
    fill(control("explainer"), Object.keys(EXPLAINERS).map((name) => [name, name]));
    control("explainer").value = "DeepLift";
    control("kind").value = "universal";
    for (const slider of root.querySelectorAll("input")) slider.value = slider.defaultValue;
    update();
  };

  control("models").max = data.networks.length;
  control("references").max = data.references.length;
  root.addEventListener("input", moved);
  root.addEventListener("change", () => { moving = false; });
  control("draw").addEventListener("click", () => {
    draw += 1;
    before = shown;
    update();
  });
  control("again").addEventListener("click", begin);
  const { facts } = data;
  const known = {
    networks: data.networks.length,
    samples: data.samples.name.length,
    genes: data.genes.length,
    classes: data.classes.length,
    heldOut: facts.heldOut,
    accuracy: percent(facts.accuracy),
    dropout: percent(data.dropout),
  };
  for (const fact of document.querySelectorAll("[data-fact]")) fact.textContent = known[fact.dataset.fact];
  begin();
  root.classList.add("try-it-ready");
})();
