// One run of the study for each table, and its list of top genes.
params.tables = 'data/*.tsv'
params.sheets = 'data'
params.profile = 'quick'
params.out = 'lists'

process study {
    tag "${name}"
    cpus 2
    publishDir params.out, mode: 'copy'

    input:
    tuple val(name), path(matrix), path(samples)

    output:
    path "${name}.csv"

    script:
    """
    python -m helpers run --profile ${params.profile} --dataset ${matrix} \
      --samples ${samples} --workspace workspace --workers ${task.cpus} --no-book
    cp workspace/tables/top_genes.csv ${name}.csv
    """
}

workflow {
    // data/mine.tsv is described by data/mine_samples.csv
    tables = Channel.fromPath(params.tables)
        .map { matrix -> tuple(matrix.baseName, matrix, file("${params.sheets}/${matrix.baseName}_samples.csv", checkIfExists: true)) }
    study(tables)
}
