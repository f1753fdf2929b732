# The book and its package, with the pinned versions and the CPU build of PyTorch where pip finds it.
#   docker build -t transcriptome-book .
#   docker run --rm -v "$PWD/results:/work" transcriptome-book run --profile smoke --workspace /work/smoke
FROM python:3.11-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /book
COPY requirements.lock requirements-torch.lock pyproject.toml README.md LICENSE Makefile ./
RUN python -m pip install --no-cache-dir --no-deps --require-hashes \
      --requirement requirements.lock \
    && python -m pip install --no-cache-dir --requirement requirements-torch.lock
COPY . .
RUN python -m pip install --no-cache-dir --no-deps --no-build-isolation --editable .

# Results belong to whoever mounts a folder; the book itself is only read.
RUN useradd --create-home reader && mkdir /work && chown reader /work
USER reader
ENTRYPOINT ["python", "-m", "helpers"]
CMD ["--help"]
