"""How much work each step is: which pieces of which kind, for the plan of a run."""

from __future__ import annotations

from dataclasses import replace

from helpers.explain.engine_table import CAPTUM, engine_for
from helpers.explain.explainers import EXPLAINERS, explainers
from helpers.explain.request import Question
from helpers.explain.settings import ExplanationSettings
from helpers.planning.pieces import Load, Loads, Run, Unit
from helpers.study.cancer.shared_genes import EXPLAINER
from helpers.study.cancer.tumours import MLPS
from helpers.study.controls import lists as control_lists
from helpers.study.controls.networks import OWN, ensemble_size
from helpers.study.designs.choices import SMOOTHGRAD, member_of
from helpers.study.designs.families import FAMILIES, Family
from helpers.study.designs.reach import explained
from helpers.study.faithfulness import deletion, sources, ways
from helpers.study.faithfulness.retraining import RETRAINED
from helpers.study.faithfulness.students import STUDENTS
from helpers.study.ground_truth.conditions import conditions, scores_of
from helpers.study.ground_truth.networks import NETWORKS, Planted
from helpers.study.network_state import batch_curves as state_sizes
from helpers.study.network_state import lists as state_lists
from helpers.study.network_state import training as state_training
from helpers.study.network_state.states import STATES
from helpers.study.optimisation.aggregation import AGGREGATED, DISJOINT, HALVES
from helpers.study.optimisation.at_optimum import OPTIMA, Optimum
from helpers.study.optimisation.curves import COMPARED, DESIGNS, Design, sizes_of, step_name
from helpers.study.reproducibility.unoptimised import UNOPTIMISED
from helpers.study.sensitivity import lists as sensitivity_scores
from helpers.study.sensitivity import mask_counts
from helpers.study.sensitivity import noise as sensitivity_noise
from helpers.study.sensitivity import smoothing as sensitivity_smoothing
from helpers.study.sensitivity import training as sensitivity_training
from helpers.study.training.cross_validation import VALIDATED
from helpers.training.enough_steps import with_enough_steps


def _training(family: Family, share: float) -> Loads:
    """Train one network on so large a share of the samples, and validate it after each epoch."""

    def loads(run: Run, member: str) -> list[Load]:
        drawn = run.size.classes * max(1, round(0.9 * share * run.size.largest))
        asked = family.regime(run.settings)
        regime = with_enough_steps(asked, drawn)
        batch = 0 if regime is asked else regime.batch_size
        validated = 0.1 * share * run.size.samples
        return [
            Load(
                Unit("train", family.architecture, batch=batch),
                regime.max_epochs * drawn,
                networks=1,
            ),
            Load(Unit("predict", family.architecture), regime.max_epochs * validated),
        ]

    return loads


def _fold(family: Family) -> Loads:
    def loads(run: Run, member: str) -> list[Load]:
        rest = 1 - 1 / run.settings.folds
        tested = run.size.samples / run.settings.folds
        return [
            *_training(family, rest)(run, member),
            Load(Unit("predict", family.architecture), tested),
        ]

    return loads


def _accuracy(run: Run, member: str) -> list[Load]:
    return [
        Load(
            Unit("predict", family.architecture),
            family.count(run.settings) * run.size.samples,
        )
        for family in FAMILIES.values()
    ]


def _estimate(run: Run, architecture: str, explainer: str, *, many: bool = False) -> Unit:
    """Return one estimate by Captum; where many are combined, CNNs integrate in fewer steps."""
    if not EXPLAINERS[explainer].takes_steps:
        return Unit("estimate", architecture, explainer)
    own = run.settings.cnn_repeated_steps if many else run.settings.cnn_integration_steps
    steps = own if architecture == "cnn" else run.settings.integration_steps
    return Unit("estimate", architecture, explainer, steps=steps)


def _singles(family: Family) -> Loads:
    """Explain every sample several times by some models, one estimate each."""

    def loads(run: Run, member: str) -> list[Load]:
        chosen = run.settings
        samples = run.samples(family.architecture)
        count = chosen.inter_models * chosen.replicates * samples
        unit = _estimate(run, family.architecture, member.rsplit("-", 1)[0])
        return [Load(unit, count, estimates=count)]

    return loads


def _modes(run: Run, member: str) -> list[Load]:
    count = 3 * run.settings.replicates * run.samples("cnn")
    return [Load(_estimate(run, "cnn", member), count, estimates=count)]


def _replicates(architecture: str) -> Loads:
    return lambda run, member: [Load(Unit("replicates", architecture), run.samples(architecture))]


def _pool(
    run: Run,
    architecture: str,
    explainer: str,
    estimates: int,
    sets: int,
    noisy: bool,
    pieces: int,
    references: int = 1,
) -> Load:
    """All estimates of `pieces` samples, each by one model, with so many different references."""
    entry, count = EXPLAINERS[explainer], pieces * estimates
    engine = engine_for(Question(architecture, entry, _asked(run, architecture, noisy), sets=True))
    if engine is CAPTUM:
        return Load(_estimate(run, architecture, explainer, many=True), count, estimates=count)
    if architecture == "mlp":
        unit = Unit(
            "pool", architecture, explainer, estimates, sets, reference=entry.needs_reference,
            noisy=noisy,
        )  # fmt: skip
        return Load(unit, pieces, estimates=count)
    apart = noisy or (entry.needs_reference and references > 1)
    passes = min(sets, estimates) if entry.need_cnn().linear else estimates
    if apart:
        passes = estimates if noisy else references
    unit = Unit(
        "shared", architecture, explainer, passes,
        steps=run.settings.cnn_repeated_steps if entry.takes_steps else 0,
        reference=entry.needs_reference, noisy=noisy, apart=apart,
    )  # fmt: skip
    return Load(unit, pieces, estimates=count)


def _asked(run: Run, architecture: str, noisy: bool) -> ExplanationSettings:
    """Return what an engine is asked to do where many estimates are combined."""
    chosen = run.settings
    return ExplanationSettings(
        combine=chosen.combine,
        mode=chosen.mode,
        layer=chosen.cam_layer or None if architecture == "cnn" else None,
        noise_sd=float(noisy),
        engine=chosen.engine,
    )


def _curve(design: Design, family: Family) -> Loads:
    def loads(run: Run, member: str) -> list[Load]:
        chosen = run.settings
        sizes = getattr(chosen, sizes_of(design, family.architecture))
        repeats = chosen.repeats_per_reference if design.repeated else 1
        samples = run.samples(family.architecture, curves=True)
        explainer = member.rsplit("-", 1)[0]
        return [
            _pool(
                run, family.architecture, explainer, max(sizes) * repeats, len(sizes),
                design.noisy, chosen.inter_models * samples,
                max(sizes) if design.many and not member.endswith("-zero") else 1,
            ),
            Load(Unit("curve", family.architecture), samples * len(sizes)),
        ]  # fmt: skip

    return loads


def _at_optimum(run: Run, optimum: Optimum, explainer: str, samples: int) -> Load:
    needs_reference = EXPLAINERS[explainer].needs_reference
    field = optimum.references if needs_reference else optimum.repeats
    models = getattr(run.settings, optimum.family.size)
    return _pool(
        run, optimum.family.architecture, explainer, getattr(run.settings, field), 1, False,
        models * samples,
    )  # fmt: skip


def _optimised(optimum: Optimum) -> Loads:
    return lambda run, member: [
        _at_optimum(run, optimum, member, run.samples(optimum.family.architecture))
    ]


def _compared(kind: str, optimum: Optimum) -> Loads:
    architecture = optimum.family.architecture
    return lambda run, member: [Load(Unit(kind, architecture), run.samples(architecture))]


def _tumours(run: Run, member: str) -> list[Load]:
    # A tissue has one cancer or two; which of them the data have is not known beforehand.
    cancers = min(run.size.cancers, run.tissues + 1)
    return [_at_optimum(run, MLPS, member, cancers * run.settings.explained_samples)]


def _all_tumours(run: Run, member: str) -> list[Load]:
    samples = run.size.cancers * run.settings.tumour_samples
    return [_at_optimum(run, MLPS, EXPLAINER, samples)]


def _under_option(run: Run, member: str) -> list[Load]:
    """Explain by single estimates under one option; further references are few and left out."""
    chosen = run.settings
    count = chosen.sensitivity_models * chosen.replicates * run.samples("mlp", curves=True)
    return [
        Load(_estimate(run, "mlp", explainer), count, estimates=count)
        for explainer in explained(member_of(member))
    ]


def _lists_under_option(run: Run, member: str) -> list[Load]:
    estimates = run.settings.sensitivity_estimates
    pieces = run.settings.sensitivity_models * run.samples("mlp", curves=True)
    names = explained(member_of(member))
    return [_pool(run, "mlp", name, estimates, 1, False, pieces) for name in names]


def _noise(run: Run, member: str) -> list[Load]:
    chosen = run.settings
    pieces = len(SMOOTHGRAD.options) * chosen.sensitivity_models * run.samples("mlp", curves=True)
    return [_pool(run, "mlp", member, chosen.sensitivity_estimates, 2, True, pieces)]


def _smoothed_cams(run: Run, member: str) -> list[Load]:
    """Explain noisy copies, and each sample once without noise."""
    chosen = run.settings
    models = min(chosen.sensitivity_models, chosen.cnn_one_order_models)
    samples = min(run.samples("cnn"), run.samples("cnn", curves=True))
    count = models * sensitivity_smoothing.REPLICATES * (chosen.sensitivity_estimates + 1) * samples
    return [Load(_estimate(run, "cnn", member), count, estimates=count)]


def _control(run: Run, member: str) -> list[Load]:
    """Train an ensemble on shuffled labels and explain it; the run's own, and its remains."""
    chosen = run.settings
    models, cancers = ensemble_size(chosen), min(run.size.cancers, run.tissues + 1)
    times = models * (1 + len(control_lists.STAGES) if member == OWN else 1)
    samples = run.samples("mlp") + cancers * chosen.explained_samples
    pieces = [*((name, samples) for name in explainers("mlp")),
              (EXPLAINER, run.size.cancers * chosen.tumour_samples)]  # fmt: skip
    made = [
        _pool(run, "mlp", name, chosen.sensitivity_estimates, 1, False, times * count)
        for name, count in pieces
    ]
    # Where there is nothing to learn, the validation loss is lowest after about five epochs.
    share = min(1.0, (5 + chosen.control_stop_after) / chosen.max_epochs) * models
    trained = [] if member == OWN else _training(sensitivity_training.FAMILY, 0.9)(run, member)
    return made + [
        replace(load, pieces=share * load.pieces, networks=models * load.networks)
        for load in trained
    ]


def _masks(run: Run, member: str) -> list[Load]:
    chosen = run.settings
    sets = len(chosen.mask_sizes) * chosen.replicates
    models = min(chosen.sensitivity_models, chosen.inter_models)
    estimates = max(chosen.mask_sizes) * chosen.replicates
    pieces = models * run.samples("mlp", curves=True)
    return [_pool(run, "mlp", member, estimates, sets, False, pieces)]


def _in_states(run: Run, explainer: str, states: int, cancers: int = 0) -> list[Load]:
    """Explain in so many states of the network, whose batches cost what samples alone do."""
    chosen = run.settings
    samples = (run.tissues + cancers) * min(chosen.state_samples, chosen.explained_samples)
    pieces = min(chosen.state_models, chosen.models) * samples * states
    return [_pool(run, "mlp", explainer, chosen.state_estimates, 1, False, pieces)]


def _states(run: Run, explainer: str) -> list[Load]:
    return _in_states(run, explainer, len(STATES), min(run.size.cancers, run.tissues + 1))


def _batch_sizes(run: Run, explainer: str) -> list[Load]:
    return _in_states(run, explainer, 2 * len(state_sizes.SIZES))


def _little(run: Run, member: str) -> list[Load]:
    """Say nothing of the embedded cells, and of judging lists: whatever the data, it is little."""
    return []


def _planted_training(networks: Planted) -> Loads:
    """Train one network on samples with planted genes."""

    def loads(run: Run, member: str) -> list[Load]:
        return _training(networks.family, 0.9)(on_planted_genes(run), member)

    return loads


def on_planted_genes(run: Run) -> Run:
    """Return a run on samples with planted genes: simulated, or two halves of a real class."""
    chosen = run.settings
    classes, each = 2, max(1, run.size.largest // 2)
    if run.dataset.simulated:
        classes, each = chosen.planted_classes or run.size.classes, chosen.samples_per_class
    return replace(
        run,
        size=replace(
            run.size, classes=classes, largest=each, samples=classes * each, cancers=0
        ),
    )  # fmt: skip


def _retrained(run: Run, member: str) -> list[Load]:
    """Train one network on half of the samples of the classes that are told apart."""
    classes = run.settings.roar_classes or run.size.classes
    share = 0.4 * min(1.0, classes / run.size.classes)
    return _training(FAMILIES["mlp"], share)(run, member)


def _rankings(architecture: str) -> int:
    """Count the rankings of one sample: by size, by sign and shuffled; a t-test's, and random."""
    return 3 * len(explainers(architecture)) + 1 + deletion.DRAWS


def _taken_away(architecture: str) -> Loads:
    """Take genes away from every held-out sample, and put them back, along every ranking."""

    def loads(run: Run, member: str) -> list[Load]:
        sizes = 2 * len(run.settings.faithful_sizes)
        rows = run.samples(architecture) * _rankings(architecture) * sizes
        return [Load(Unit("predict", architecture), rows)]

    return loads


def _judged(architecture: str) -> Loads:
    """Explain every sample and its changes, and predict these."""

    def loads(run: Run, member: str) -> list[Load]:
        pieces = run.samples(architecture) * (deletion.CHANGES + 2)
        names = explainers(architecture)
        return [
            *(_pool(run, architecture, name, 1, 1, False, pieces) for name in names),
            Load(Unit("predict", architecture), pieces * 2 * len(names)),
        ]

    return loads


def _sources(architecture: str) -> Loads:
    """Explain with every mask, reference and noise copy; CNNs of both kinds without noise."""

    def loads(run: Run, member: str) -> list[Load]:
        chosen, n = run.settings, run.settings.variance_levels
        samples = run.samples(architecture, curves=True)
        if architecture == "cnn":
            pieces = 2 * chosen.variance_cnn_models * samples
            return [_pool(run, "cnn", member, n * n, 1, False, pieces)]
        pieces = chosen.variance_models * samples
        return [_pool(run, "mlp", member, n**k, 1, k == 3, pieces) for k in (2, 3)]

    return loads


def _averaged(run: Run, member: str) -> list[Load]:
    """Explain single networks of planted genes and their means; Captum does some of these."""
    samples = 4 * ways.SAMPLES * (run.settings.planted_models + 2)
    return [
        _pool(on_planted_genes(run), "mlp", name, ways.REFERENCES, 1, False, samples)
        for name in explainers("mlp")
    ]


def _averaged_areas(run: Run, member: str) -> list[Load]:
    rows = 4 * ways.SAMPLES * 2 * len(ways.TAKEN) * len(ways.WAYS) * len(explainers("mlp"))
    return [Load(Unit("predict", "mlp"), rows * run.settings.planted_models // 2)]


def _planted_scores(networks: Planted) -> Loads:
    """Explain all classes under every condition; in training mode a batch shares a pass."""
    architecture = networks.family.architecture

    def loads(run: Run, member: str) -> list[Load]:
        chosen = run.settings
        samples = 4 * chosen.explained_samples
        return [
            _pool(
                run, architecture, condition.explainer,
                1 if condition.optimisation == "none" else chosen.sensitivity_estimates, 1,
                condition.optimisation == "smoothgrad", samples,
            )
            for condition in conditions(architecture)
        ]  # fmt: skip

    return loads


LOADS: dict[str, Loads] = {
    **{family.step: _training(family, 0.9) for family in FAMILIES.values()},
    **{f"folds/{family.architecture}": _fold(family) for family in VALIDATED},
    "tables/accuracy": _accuracy,
    **{each.step: _singles(each.family) for each in UNOPTIMISED.values()},
    **{
        f"agreement/{name}": _replicates(each.family.architecture)
        for name, each in UNOPTIMISED.items()
    },
    "agreement/modes": _modes,
    **{
        step_name(name, architecture): _curve(design, family)
        for name, design in DESIGNS.items()
        for architecture, family in COMPARED.items()
    },
    **{optimum.step: _optimised(optimum) for optimum in OPTIMA},
    **{
        name: _compared(kind, optimum)
        for kind, names in (("aggregated", AGGREGATED), ("disjoint", DISJOINT), ("halves", HALVES))
        for name, optimum in zip(names, OPTIMA, strict=True)
    },
    "scores/tumours": _tumours,
    "tables/tumour_top_genes": _all_tumours,
    sensitivity_training.TRAINED: _training(sensitivity_training.FAMILY, 0.9),
    sensitivity_scores.AGREEMENT: _under_option,
    sensitivity_scores.LISTS: _lists_under_option,
    sensitivity_noise.SMOOTH: _noise,
    sensitivity_smoothing.PAIRS: _smoothed_cams,
    control_lists.LISTS: _control,
    mask_counts.MASKS: _masks,
    **{networks.step: _planted_training(networks) for networks in NETWORKS},
    **{scores_of(networks): _planted_scores(networks) for networks in NETWORKS},
    **{deletion.curves_of(o): _taken_away(o.family.architecture) for o in OPTIMA},
    **{deletion.metrics_of(o): _judged(o.family.architecture) for o in OPTIMA},
    sources.OF_MLPS: _sources("mlp"),
    sources.OF_CNNS: _sources("cnn"),
    ways.SCORED: _averaged,
    ways.AREAS: _averaged_areas,
    RETRAINED: _retrained,
    # A student sees what one of the networks saw that it learns from.
    STUDENTS: _planted_training(NETWORKS[0]),
    state_lists.LISTS: _states,
    state_sizes.CURVES: _batch_sizes,
    state_training.TRAINED: _training(state_training.FAMILY, 0.9),
    **dict.fromkeys(("folds/cells", "models/cells", "scores/cells", "control/judged"), _little),
}
"""Step → what it takes to make one member; steps that are not here take seconds."""
